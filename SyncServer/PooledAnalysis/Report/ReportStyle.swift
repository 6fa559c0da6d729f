// SPDX-License-Identifier: Apache-2.0

/// The look of the page: black and greys, so that a copier loses nothing.
enum ReportStyle {
  static let sheet = """

    body { margin: 0; background: #fff; color: #111;
      font: 15px/1.5 Georgia, "Times New Roman", "Noto Serif CJK SC", "Songti SC", SimSun, serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; overflow-wrap: anywhere; }
    body > input { position: absolute; opacity: 0; }
    body > label { display: inline-block; margin: 1rem 0 0 1.5rem; padding: .2rem .1rem;
      font-size: .87rem; color: #555; cursor: pointer; }
    body > input:checked + label { color: #111; font-weight: bold; border-bottom: 2px solid #111; }
    body > input:focus-visible + label { outline: 2px solid #111; }
    #show-en:checked ~ main.zh, #show-zh:checked ~ main.en { display: none; }
    h1 { font-size: 1.7rem; line-height: 1.25; margin: .6rem 0 .3rem; }
    h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem;
      border-top: 1px solid #111; break-after: avoid; }
    h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; break-after: avoid; }
    p { margin: .5rem 0; max-width: 46rem; }
    .subtitle, .note { color: #555; font-size: .87rem; }
    .use { border: 1.5px solid #111; padding: .7rem 1rem; max-width: none; margin: 1.2rem 0; }
    .use strong { display: block; font-size: 1.05rem; }
    nav ul { columns: 2; padding-left: 1.1rem; font-size: .87rem; }
    nav a { color: #111; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: .8rem 0; font-size: .87rem;
      font-variant-numeric: tabular-nums; break-inside: avoid; overflow-wrap: normal; }
    table.long { break-inside: auto; }
    tr { break-inside: avoid; }
    th, td { padding: .28rem .9rem .28rem 0; text-align: right; vertical-align: top; }
    th:first-child, .t { text-align: left; }
    tbody th { min-width: 4.6rem; max-width: 16rem; overflow-wrap: break-word; }
    tbody .t { min-width: 9rem; }
    .n { white-space: nowrap; }
    thead th { min-width: 2.6rem; border-bottom: 1px solid #111; font-weight: bold; vertical-align: bottom; }
    tbody th { font-weight: normal; }
    tbody tr { border-bottom: 1px solid #ddd; }
    .key { display: flex; flex-wrap: wrap; gap: .6rem 2.6rem; margin: 1rem 0; }
    .key div { font-size: .87rem; color: #555; }
    .key b { display: block; color: #111; font-size: 1.6rem; line-height: 1.2; }
    .figures { display: grid; grid-template-columns: 1fr 1fr; gap: 1.4rem; margin: 1rem 0; }
    figure { margin: 0; break-inside: avoid; min-width: 0; }
    figure.full { margin: 1rem 0; }
    .drawing { overflow-x: auto; }
    figcaption { font-size: .87rem; color: #555; }
    svg { display: block; max-width: 100%; height: auto; }
    li { margin: .25rem 0; max-width: 46rem; }
    code { font-size: .85em; overflow-wrap: anywhere; }
    @media screen and (max-width: 640px) {
      main { padding: 1rem 1rem 3rem; }
      .figures { grid-template-columns: 1fr; }
      nav ul { columns: 1; }
      figure.full svg { max-width: none; }
    }
    @media print {
      body > input, body > label { display: none; }
      main { padding: 0; max-width: none; } body { font-size: 10pt; }
      th, td { padding-right: .55rem; }
      .wide, .drawing { overflow: visible; }
      tbody th { min-width: 3.6rem; } tbody .t { min-width: 6rem; }
      @page { size: A4; margin: 16mm 15mm; }
    }

    """
}
