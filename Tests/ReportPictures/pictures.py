#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures of printed reports, on A4 and on a phone, in both languages, and what is wrong with them.

    pictures.py PROGRAM OUTPUT [NAME…]

PROGRAM is `lobule-center`. OUTPUT gets NAME.html, NAME-LANGUAGE-phone.png and
NAME-LANGUAGE-a4-PAGE.png. Exit 1 when a label is clipped, covers another, is too small or too pale,
when the page is wider than the phone, or when a table is cut on paper.
"""
import shutil
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

import inputs

HERE = Path(__file__).resolve().parent
PHONE = {"width": 390, "height": 844}
# A4 less the margins of the sheet: 180 mm at 96 px an inch.
PAPER = {"width": 680, "height": 1000}
LEAST_ON_PHONE, LEAST_ON_PAPER = 8.0, 8.0


def report(program, name, source, folder):
    page = folder / f"{name}.html"
    started = time.monotonic()
    command = [program, "analyze", "--csv", source, "--report", page, "--report-data", folder / name]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"{name}: {page.stat().st_size // 1024} KiB in {time.monotonic() - started:.1f} s")
    return page


def look(browser, page_file, name, language, folder):
    """Takes the pictures of one report in one language; returns what is wrong."""
    script = (HERE / "layout.js").read_text(encoding="utf-8")
    faults = []
    for medium, size, least in (
        ("screen", PHONE, LEAST_ON_PHONE),
        ("print", PAPER, LEAST_ON_PAPER),
    ):
        page = browser.new_page(viewport=size)
        page.goto(page_file.as_uri())
        page.check(f"#show-{language}", force=True)
        page.emulate_media(media=medium)
        found = page.evaluate(f"({script})({least})")
        faults += [f"{name} {language} {medium}: {fault}" for fault in found]
        if medium == "screen":
            phone(page, folder / f"{name}-{language}-phone")
        else:
            paper(page, folder / f"{name}-{language}-a4")
        page.close()
    return faults


def phone(page, path):
    """One long picture in pieces that a viewer can open."""
    height = page.evaluate("document.documentElement.scrollHeight")
    step = 3000
    for piece, top in enumerate(range(0, min(height, 20 * step), step), 1):
        clip = {"x": 0, "y": top, "width": PHONE["width"], "height": min(step, height - top)}
        page.screenshot(path=f"{path}-{piece:02d}.png", full_page=True, clip=clip)


def paper(page, path):
    pdf = path.with_suffix(".pdf")
    page.pdf(path=str(pdf), format="A4", prefer_css_page_size=True)
    subprocess.run(["pdftoppm", "-r", "80", "-png", str(pdf), str(path)], check=True)


def main():
    program, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = inputs.make(HERE.parent / "Fixtures", folder.resolve())
    names = sys.argv[3:] or list(files)
    faults = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        for name in names:
            page = report(program, name, files[name], folder.resolve())
            for language in ("en", "zh"):
                faults += look(browser, page, name, language, folder.resolve())
        browser.close()
    for fault in faults:
        print(fault)
    print(f"{len(names)} reports, {len(list(folder.glob('*.png')))} pictures, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
