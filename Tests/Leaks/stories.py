# SPDX-License-Identifier: Apache-2.0
"""What the hospitals and the centre do: every command of both programs, well and wrongly used."""
import os
import signal
import subprocess
import time

import planting
import processes

NORTH = os.path.join(planting.TREE, "Tests/Fixtures/Hospitals/north.csv")
KINDS = {
    "logistic": ["--formula", "y ~ x1 + x2"], "firth": ["--formula", "y ~ x1 + x2"],
    "separation": ["--formula", "y ~ x1 + x2"],
    "lasso": ["--outcome", "y", "--predictors", "x1,x2", "--folds", "a"],
    "ridge": ["--outcome", "y", "--predictors", "x1,x2", "--folds", "a"],
    "stepwise": ["--formula", "y ~ x1 + x2"], "auc": ["--outcome", "y", "--score", "x1"],
    "delong": ["--outcome", "y", "--score", "x1", "--score2", "x2"],
    "youden": ["--outcome", "y", "--score", "x1"],
    "calibration": ["--outcome", "y", "--risk", "p"],
    "decision-curve": ["--outcome", "y", "--risk", "p", "--thresholds", "0.1,0.2,0.5"],
    "kaplan-meier": ["--time", "t", "--status", "y", "--by", "g"],
    "log-rank": ["--time", "t", "--status", "y", "--by", "g"],
    "cox": ["--time", "t", "--status", "y", "--predictors", "x1"],
    "kappa": ["--columns", "a,b"], "icc": ["--columns", "x1,x2"],
    "kruskal": ["--value", "x1", "--by", "g"],
    "iecv": ["--formula", "y ~ x1", "--cluster", "g"],
    "optimism": ["--formula", "y ~ x1", "--resamples", "20"],
    "mixed": ["--formula", "y ~ x1", "--cluster", "g"],
}


def enter(scene, store):
    """Files and forms with every canary, as they should be and as people get them wrong."""
    rows = planting.patients()
    name = planting.value("attachment.filename")
    good = scene.file(name, planting.table(rows))
    scene.site(store, "import", good, "--dry-run", "--json")
    scene.site(store, "import", good)
    scene.site(store, "import", "-", "--json", stdin=planting.table(rows))
    cell, column = planting.value("import.csv_cell"), planting.value("import.csv_column")
    wrong = [planting.table(rows, {column: cell}), planting.table(rows, {"sex": cell})]
    for field in ("family_name", "mrn", "national_id", "phone", "free_text_note"):
        value = rows[0].get(field, "")
        for place in ("sex", "age", "neutrophils", "labs_date", "birth_date"):
            wrong.append(planting.table(rows[:1], {place: value}))
    # A shifted file, one that is no table, and one in an encoding of another age.
    wrong += [planting.table(rows).replace(",", ";"), "\n".join(planting.table(rows).split("\n")[1:]),
              planting.table(rows).replace('"', '""'), planting.table(rows).replace("mrn", "", 1)]
    for number, text in enumerate(wrong):
        path = scene.file(f"wrong-{number}-{name}", text)
        scene.site(store, "import", path, "--json", expect=(3,))
        scene.site(store, "import", "-", "--skip-refused", stdin=text, expect=(0, 3))
    return rows


def forms(scene, store, rows):
    """Single values by standard input and as arguments, with slips of every kind."""
    first, second = rows[0], rows[1]
    good = {"albumin": "38", "note": first["free_text_note"], "family_name": second["family_name"]}
    wrong = {"sex": first["family_name"], first["given_name"]: "1", "age": first["national_id"],
             "labs_date": first["birth_date"]}
    for values, code in ((good, 0), (wrong, 3)):
        for field, value in values.items():
            word = f'"{field}={value}"' if " " in value else f"{field}={value}"
            scene.site(store, "set", "-", stdin=f"{first['mrn']} {word}", expect=(code,))
            scene.site(store, "set", first["mrn"], f"{field}={value}", "--json", secret=True,
                       expect=(code,))
    scene.site(store, "set", "-", "--reason", "correction", stdin=f"{first['mrn']} albumin=41")
    scene.site(store, "set", "-", "--reason", first["family_name"], secret=True, expect=(2,),
               stdin=f"{first['mrn']} albumin=41")
    scene.site(store, "set", "-", stdin=f"{first['mrn']} {first['family_name']} albumin=41",
               expect=(3,))
    scene.site(store, "set", first["mrn"], "nonsense " + first["family_name"], secret=True, expect=(2,))
    # A corrected date moves every offset; the dates themselves stay.
    scene.site(store, "set", "-", stdin=f"{second['mrn']} labs_date={first['treatment_start']}")
    scene.site(store, "set", "-", "--reason", "correction",
               stdin=f"{second['mrn']} birth_date={first['birth_date']}")
    scene.site(store, "set", "-", "--reason", "correction",
               stdin=f"{second['mrn']} birth_date={second['birth_date']}")


def look(scene, store, rows, scores=True):
    """Everything that shows something; `scores` says whether the first patient can be scored."""
    code = 0 if scores else 3
    mrn = rows[0]["mrn"]
    for words in (["list"], ["conflicts"], ["outbox"], ["outbox", "--bytes"], ["status"], ["model"],
                  ["audit", "list"], ["audit", "verify"], ["audit", "checkpoints"], ["doctor"]):
        scene.both(store, *words)
    scene.both(store, "show", "-", stdin=mrn)
    scene.site(store, "show", mrn, secret=True)
    scene.site(store, "show", rows[0]["family_name"], secret=True, expect=(3,))
    svg = f"{scene.home}/nomogram.svg"
    scene.both(store, "score", "-", "--svg", svg, stdin=mrn, expect=(code,))
    scene.site(store, "score", mrn, secret=True, expect=(code,))
    scene.site(store, "score", "--inputs", "-", stdin="t2_sir_week8=1.5,adc_mean_week8=1.2,nlr=2.5")
    scene.site(store, "score", "--inputs", f"nlr={rows[0]['phone']}", secret=True, expect=(2,))


def decide(scene, one, other, rows):
    """Two devices disagree; people retract, withdraw, merge and take it back."""
    mrn = rows[0]["mrn"]
    vault = f"{scene.home}/{planting.value('attachment.filename')}.vault"
    key = scene.answer(scene.site(one, "vault", "write", vault, "--json"))["transfer_key"]
    more = ["--passphrase-file", scene.passphrase]
    scene.site(other, "vault", "read", vault, "--key", "-", *more, stdin=key)
    scene.sync(other)
    # Another name and another value on the other device.
    scene.site(other, "set", "-", *more, stdin=f"{mrn} family_name={rows[2]['family_name']}")
    scene.site(other, "set", "-", "--reason", "correction", *more, stdin=f"{mrn} albumin=36")
    scene.site(one, "set", "-", "--reason", "correction", stdin=f"{mrn} albumin=37")
    os.remove(vault)
    key = scene.answer(scene.site(other, "vault", "write", vault, "--json", *more))["transfer_key"]
    scene.both(one, "vault", "read", vault, "--key", "-", stdin=key)
    wrong = key[:-1] + ("1" if key.endswith("0") else "0")
    scene.site(one, "vault", "read", vault, "--key", wrong, secret=True, expect=(3,))
    scene.sync(other)
    scene.sync(one)
    scene.both(one, "conflicts")
    scene.site(one, "resolve", "-", stdin=f"{mrn} albumin=37")
    scene.site(one, "resolve", "-", stdin=f"{mrn} sex={rows[1]['family_name']}", expect=(3,))
    scene.site(one, "retract", "-", stdin=f"{mrn} albumin")
    scene.site(one, "unretract", "-", stdin=f"{mrn} albumin")
    scene.site(one, "retract", mrn, "neutrophils", secret=True)
    scene.site(one, "withdraw", "-", stdin=rows[1]["mrn"])
    scene.site(one, "withdraw", rows[1]["mrn"], "--restore", secret=True)
    # Two registrations of one person.
    twin = "ZQTWIN0001"
    scene.site(one, "set", "-", stdin=f"{twin} treatment_start={rows[0]['treatment_start']} sex=male")
    scene.site(one, "merge", "-", stdin=f"{mrn} {twin}")
    scene.site(one, "unmerge", "-", stdin=f"{mrn} {twin}")
    scene.site(one, "merge", mrn, rows[3]["family_name"], secret=True, expect=(3,))
    scene.sync(one)


def carry(scene, one):
    """Files that leave: bundles, backups, and what is made of them."""
    up, down = f"{scene.work}/outside/up.bundle", f"{scene.work}/outside/down.bundle"
    scene.site(one, "bundle", "write", "--all", up)
    scene.center("bundle", "read", up)
    scene.center("bundle", "write", "--site", "NORTH", down)
    scene.center("bundle", "write", "--site", "ZQ", "--all", down, "--json")
    scene.site(one, "bundle", "read", down, "--json")
    scene.site(one, "bundle", "read", scene.file("no.bundle", planting.table(planting.patients())),
               expect=(3,))
    backup = f"{scene.home}/backup"
    scene.site(one, "backup", backup)
    scene.site(f"{scene.home}/restored", "restore", backup, "--json")
    # What goes wrong at the line.
    scene.site(one, "sync", "--proxy", "http://127.0.0.1:9", expect=(4,))
    scene.stop_serving()
    scene.site(one, "sync", "--proxy", scene.proxy, expect=(4,))
    scene.serve()
    loop = subprocess.Popen(
        [scene.site_program, "sync", "--every", "1m", "--proxy", scene.proxy, "--store", one,
         "--study", scene.study], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=processes.environment())
    time.sleep(2)
    loop.send_signal(signal.SIGTERM)
    scene.loop_output = loop.communicate(timeout=30)[0]


def guard(scene, one, recovery, rows):
    """The vault's keys, its own backup, and what is redacted."""
    secret = scene.file("new-passphrase", "a passphrase of the first device\n")
    opened = ["--passphrase-file", secret]
    scene.site(one, "vault", "recover", "--rehearse", "--recovery-file", "-", stdin=recovery)
    scene.site(one, "vault", "passphrase", "--new-passphrase-file", secret)
    scene.site(one, "vault", "lock")
    scene.site(one, "show", "-", stdin=rows[0]["mrn"], expect=(3,))
    scene.site(one, "show", "-", *opened, stdin=rows[0]["mrn"])
    scene.site(one, "vault", "unlock", *opened)
    note = f"{rows[0]['mrn']} free_text_note"
    scene.site(one, "vault", "redact", "-", stdin=note)
    scene.site(one, "vault", "redact", "-", "--json", stdin=note, expect=(3,))
    scene.site(one, "vault", "redact", rows[0]["mrn"], rows[0]["family_name"], secret=True,
               expect=(3,))
    copy = f"{scene.home}/vault.copy"
    scene.site(one, "vault", "backup", copy)
    scene.site(one, "vault", "restore", copy, expect=(3,))
    scene.site(one, "backup", "--without-vault", f"{scene.home}/data-backup")


def erase(scene, one, rows):
    """A patient is erased by law; the centre follows, and a frozen cut says so."""
    scene.site(one, "erase", rows[1]["mrn"], "--reason", "request", secret=True, expect=(2,))
    scene.site(one, "erase", "-", "--reason", rows[1]["family_name"], stdin=rows[1]["mrn"],
               secret=True, expect=(2,))
    scene.site(one, "erase", "-", "--reason", "request", "--yes", "--json", stdin=rows[1]["mrn"])
    scene.site(one, "show", "-", stdin=rows[1]["mrn"], expect=(3,))
    scene.sync(one)
    scene.center("cut", "make", "--json")
    scene.center("cut", "list")
    scene.center("cut", "list", "--json")


def export(scene, one, rows):
    """What leaves a hospital by hand, and a key that changes."""
    # A hospital's own export with identities is for itself: it is not searched with the rest.
    scene.site(one, "export", f"{scene.work}/outside/site-export", "--json")
    scene.site(one, "export", f"{scene.work}/identified-export", "--identified")
    scene.site(one, "rotate-key", "--proxy", scene.proxy)


def govern(scene, cut):
    """Exports of the centre, keys, roots, rollback and replay."""
    out = f"{scene.work}/outside"
    root = [f"{scene.data}/keys/root-{number}.key" for number in (1, 2)]
    for code, *words in (
        (0, "export", cut, f"{out}/rows", "--json"), (0, "export", cut, f"{out}/tables", "--tables"),
        (0, "export", cut, f"{out}/exact", "--exact", "--to", "A Statistician", "--reason", "audit"),
        (0, "replay", "1", "--json"), (0, "rollback", "1", "--reason", "a planted reason"),
        (0, "key", "new", f"{out}/new.key", "--name", "Somebody"),
        (0, "key", "show", f"{out}/new.key"),
        (0, "root", "show"), (0, "root", "new", f"{out}/root.json"),
        (0, "sign-file", f"{out}/root.json", "--key", root[0]),
        # One of two signatures.
        (3, "root", "publish", f"{out}/root.json"),
        (0, "sign-file", f"{out}/root.json", "--key", root[1]),
        (0, "root", "publish", f"{out}/root.json"),
        (0, "candidate", "list"),
        # A centre that was never restored has no break to state.
        (3, "audit", "break", "write", f"{out}/break.json"),
        (0, "site", "confirm-revocations"),
    ):
        scene.center(*words, expect=(code,))


def analyse(scene):
    """The centre: cuts, validation, refit, release, and every kind of statistics."""
    report = f"{scene.data}/validation.html"
    cut = str(scene.answer(scene.center("cut", "--json")).get("cut", "1"))
    figures = {}
    for words in (("validate",), ("analyze",)):
        has = "report-data" in scene.center_commands[words]
        figures[words] = ["--report-data", f"{scene.data}/figures-{words[0]}"] if has else []
    scene.center("validate", "--cut", cut, "--report", report, "--json", *figures["validate",])
    refit = scene.answer(scene.center("refit", "--cut", cut, "--json"))
    candidate = str(refit.get("candidate", "1"))
    # One signs at the centre, and one a file elsewhere.
    override = ["--override", "a planted release"]
    paper = f"{scene.work}/outside/candidate.json"
    scene.center("sign", candidate, "--key", f"{scene.data}/keys/model-1.key", *override)
    scene.center("candidate", "export", candidate, paper)
    scene.center("sign-file", paper, "--key", f"{scene.data}/keys/model-2.key", *override)
    scene.center("candidate", "import-signature", paper)
    scene.center("release", candidate)
    scene.sync(scene.first)
    scene.center("plan", "add", os.path.join(scene.study, "plan.json"))
    scene.center("site", "list", "--json")
    govern(scene, cut)
    # What a statistician's own file holds beside the columns that were asked for stays there.
    rows = planting.patients()
    lines = ["mrn,name,birth_date,y,x1,x2,p,t,g,a,b"]
    for number in range(60):
        person = rows[number % len(rows)]
        y = number * 7 % 5 % 2
        lines.append(f"{person['mrn']},{person.get('family_name', '')},{person['birth_date']},{y},"
                     f"{number % 7 + y},{number % 11},{0.1 + (number * 13 % 80) / 100},{number + 1},"
                     f"g{number % 4},{number % 3},{(number + y) % 3}")
    good = scene.file("analysis.csv", "\n".join(lines) + "\n")
    wrong = scene.file("analysis-wrong.csv", "\n".join(
        line.replace(",1,", f",{planting.value('import.csv_cell')},", 1) for line in lines) + "\n")
    for kind in sorted(leaf[1] for leaf in scene.center_commands if leaf[0] == "statistics"):
        if kind in KINDS:
            scene.center("statistics", kind, "--csv", good, *KINDS[kind], "--json")
            # To count agreement any text is a code.
            scene.center("statistics", kind, "--csv", wrong, *KINDS[kind],
                         expect=(0,) if kind == "kappa" else (3,))
    plan = os.path.join(scene.study, "plan.json")
    scene.center("analyze", "--csv", NORTH, "--plan", plan, "--report", f"{scene.data}/north.html",
                 "--json", *figures["analyze",])
    scene.center("analyze", "--csv", wrong, "--plan", plan, expect=(3,))


def keep(scene):
    """The centre's own upkeep."""
    scene.center("audit", "list")
    scene.center("audit", "list", "--json")
    scene.center("audit", "verify", "--json")
    scene.center("audit", "export", f"{scene.work}/outside/audit")
    scene.center("doctor")
    scene.center("doctor", "--json")
    scene.center("site", "revoke", "ZQ", "--device", "ZQ/2", "--json")
    backup = f"{scene.work}/outside/centre-backup"
    scene.center("backup", backup)
    restored = f"{scene.work}/centre-restored"
    scene.center("restore", backup, data=restored)
    scene.center("site", "confirm-revocations", "--json", data=restored)
    statement = f"{scene.work}/outside/break.json"
    scene.center("audit", "break", "write", statement, "--json", data=restored)
    for key in (1, 2):
        scene.center("audit", "break", "sign", statement, "--key", f"{scene.data}/keys/root-{key}.key",
                     data=restored)
    scene.center("audit", "break", "publish", statement, "--json", data=restored)


def everything(scene):
    scene.found()
    scene.passphrase = scene.file("passphrase", "a passphrase for the other device\n")
    one, made = scene.device("site.db", "ZQ")
    scene.first = one
    other, _ = scene.device("second.db", "ZQ", "--passphrase-file", scene.passphrase)
    north, _ = scene.device("north", "NORTH")
    scene.site(north, "import", NORTH)
    rows = enter(scene, one)
    forms(scene, one, rows)
    look(scene, one, rows)
    scene.sync(one)
    scene.sync(north)
    decide(scene, one, other, rows)
    # A value that the score needs was retracted.
    look(scene, one, rows, scores=False)
    carry(scene, one)
    analyse(scene)
    scene.sync(one)
    guard(scene, one, made["recovery_key"], rows)
    export(scene, one, rows)
    look(scene, one, rows, scores=False)
    erase(scene, one, rows)
    keep(scene)
    scene.stop_serving()
    return rows


def short(scene, more=None):
    """The least that sends every canary: for a version that leaks."""
    scene.found()
    one, _ = scene.device("site.db", "ZQ")
    rows = [{**row, **({} if more is None else more(row))} for row in planting.patients()]
    scene.site(one, "import", "-", "--json", stdin=planting.table(rows))
    scene.both(one, "outbox", "--bytes")
    scene.sync(one)
    scene.center("cut", "--json")
    scene.stop_serving()
    return rows
