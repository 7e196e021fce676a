/** Of the page of a report: by the reader's light or dark, and by the width of the screen. */
export const PAGE_STYLE = `
:root { --text: #1b2430; --soft: #5a6675; --ground: #ffffff; --track: #eceff3; --edge: #d5dbe2;
  --done: #2f7d5b; --stopped: #c0362c; --waits: #b98a1f; --shade: #c0362c1f; --line: #1b2430; --accent: #1f5fa8 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e9ef; --soft: #9aa7b5; --ground: #14181d; --track: #232a32; --edge: #38424d;
    --done: #5cbf92; --stopped: #f0776c; --waits: #e0b64f; --shade: #f0776c2b; --line: #e4e9ef; --accent: #7db4f0 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 964px; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--edge) }
header { border-left: 6px solid var(--done); padding-left: .8rem }
header.rolled-back, header.held { border-color: var(--stopped) }
header.drilled { border-color: var(--accent) }
.why { overflow-wrap: anywhere; color: var(--stopped) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0 }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
.figures { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; padding: 0 }
.figures li { border: 1px solid var(--edge); border-radius: 6px; padding: .5rem .7rem }
.figures b { display: block; font-size: 1.25rem } .figures span { color: var(--soft); font-size: .85rem }
svg { display: block; max-width: 100%; height: auto; overflow: visible }
svg text { font: 13px system-ui, sans-serif; fill: var(--text); paint-order: stroke; stroke: var(--ground); stroke-width: 4px } svg .lasts { fill: var(--soft) }
.track { fill: var(--track) } .bar.done { fill: var(--done) } .bar.stopped { fill: var(--stopped) } .bar.waits { fill: var(--waits) }
svg .unwritable { fill: var(--shade) } svg .promoted { stroke: var(--line); stroke-width: 2; stroke-dasharray: 5 3 }
.wide { display: none } @media (min-width: 964px) { .wide { display: block } .narrow { display: none } }
.legend { color: var(--soft); font-size: .85rem }
.legend i { display: inline-block; width: .9em; height: .9em; border-radius: 3px; margin-left: .6em; vertical-align: -.1em }
.legend i.done { background: var(--done) } .legend i.stopped { background: var(--stopped) } .legend i.waits { background: var(--waits) }
.legend i.unwritable { background: var(--shade); border: 1px solid var(--edge) } .legend i.promoted { width: 0; border-left: 2px dashed var(--line); border-radius: 0 }
.told { font-size: .9rem; overflow-wrap: anywhere } .told small { color: var(--soft) }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-size: .9rem; min-width: 60% }
th, td { text-align: left; vertical-align: top; padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--edge) }
th { color: var(--soft); font-weight: 600 } .number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.mark { font-weight: 600 } .mark.pass { color: var(--done) } .mark.fail, .mark.unknown { color: var(--stopped) } .mark.warn { color: var(--waits) }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere } pre { white-space: pre-wrap; background: var(--track); padding: .6rem; border-radius: 6px }
@media print { .wide { display: block } .narrow { display: none } }
`
