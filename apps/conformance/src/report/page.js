/** Filters the behaviours by text and outcome. The page says everything without this, too. */
const search = document.querySelector('#search')
const outcome = document.querySelector('#outcome')
const shown = document.querySelector('#shown')
const suites = [...document.querySelectorAll('.suite')].map((element) => ({
  element,
  behaviours: [...element.querySelectorAll('.behaviour')].map((row) => ({
    row,
    text: row.dataset.text,
    outcomes: row.dataset.outcomes.split(' '),
  })),
}))

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  const wanted = outcome.value
  const isFiltered = words.length > 0 || wanted !== ''
  let count = 0
  for (const { element, behaviours } of suites) {
    let hits = 0
    for (const { row, text, outcomes } of behaviours) {
      const hit = words.every((word) => text.includes(word)) && (wanted === '' || outcomes.includes(wanted))
      row.hidden = !hit
      if (hit) hits++
    }
    element.hidden = hits === 0
    if (isFiltered) element.open = hits > 0
    count += hits
  }
  shown.value = isFiltered ? `${count} of ${shown.dataset.all}` : `${shown.dataset.all} behaviours`
}

search.addEventListener('input', filter)
outcome.addEventListener('change', filter)

/** A link in the matrix opens the suite it leads to. */
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
}

addEventListener('hashchange', openTarget)
openTarget()
filter()
