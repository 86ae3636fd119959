import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matrixLines } from '../src/harness/matrix.ts'
import { matrixMarkdown } from '../src/report/markdown.ts'
import { htmlReport } from '../src/report/page.ts'
import { sampleReport } from './sample-report.ts'

const CHROMIUM = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = CHROMIUM.find((path) => path !== undefined && existsSync(path))
const why = executablePath ? '' : ' (skipped: no Chromium here; CHROMIUM_PATH may name one)'
const report = sampleReport()

describe.skipIf(executablePath === undefined)(`the report in headless Chromium${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-db-report-'))
  const file = join(folder, 'report.html')
  const complaints: string[] = []
  let browser: Browser

  beforeAll(async () => {
    writeFileSync(file, htmlReport(report))
    browser = await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] })
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  async function open(width: number): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on(
      'request',
      (request) =>
        request.url().startsWith('file:') || request.url().startsWith('data:') || complaints.push(request.url()),
    )
    await page.goto(pathToFileURL(file).href)
    return page
  }

  it.each([390, 1280])('fits %i pixels', async (width) => {
    const page = await open(width)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.locator('.suite > summary').first().click()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.close()
  })

  it('shows the numbers of the report', async () => {
    const page = await open(1280)
    expect(await page.locator('h1').textContent()).toBe('1 behaviour failed')
    expect(await page.locator('.tile b').allTextContents()).toEqual(['225', '1', '14', '60'])
    const rows = await page.locator('.matrix tbody tr').allInnerTexts()
    expect(rows.map((row) => row.split(/[\t\n]+/))).toEqual([
      ['crud', '12', '12', 'not run', '12', '12'],
      ['filters', '30', '1 failed', '29 passed', 'not run', '30', '30'],
      ['isolation', '14', '14', 'not run', '14 skipped', '14'],
      ['a-suite-with-quite-a-long-name', '4', '4', 'not run', '4', '4'],
      ['all', '60', '1 failed', '59 passed', 'not run', '46', '14 skipped', '60'],
    ])
    await page.close()
  })

  it('shows failures first, and markup in messages as text', async () => {
    const page = await open(1280)
    expect(await page.locator('section').first().getAttribute('id')).toBe('failures')
    expect(await page.locator('.failure pre').first().textContent()).toContain('<b>111')
    expect(await page.locator('#suite-filters code').first().textContent()).toBe('behaviour.number-3')
    await page.close()
  })

  it('filters behaviours by words and by outcome', async () => {
    const page = await open(1280)
    const visible = page.locator('.behaviour:not([hidden])')
    await page.fill('#search', 'turns here')
    expect(await visible.count()).toBe(14)
    expect(await page.locator('#shown').textContent()).toBe('14 of 60')
    await page.fill('#search', '')
    await page.selectOption('#outcome', 'failed')
    expect(await visible.count()).toBe(1)
    await page.selectOption('#outcome', '')
    expect(await visible.count()).toBe(60)
    await page.close()
  })

  it('leads from the matrix to the suite', async () => {
    const page = await open(390)
    await page.getByRole('link', { name: 'isolation' }).click()
    await page.locator('#suite-isolation[open]').waitFor({ timeout: 5_000 })
    await page.close()
  })

  it('complains about nothing and loads nothing', () => {
    expect(complaints).toEqual([])
  })
})

describe('the report as text', () => {
  it('has every outcome in the console matrix', () => {
    expect(matrixLines(report)).toEqual([
      '                                 Alpha in memory   Beta 17   Gamma 9   Delta pooled   Epsilon embedded',
      'crud                             ✓12               ✓12       not run   ✓12            ✓12',
      'filters                          ✓30               ✗1 ✓29    not run   ✓30            ✓30',
      'isolation                        ✓14               ✓14       not run   –14            ✓14',
      'a-suite-with-quite-a-long-name   ✓4                ✓4        not run   ✓4             ✓4',
      'all                              ✓60               ✗1 ✓59    not run   ✓46 –14        ✓60',
    ])
  })

  it('writes the support matrix for people', () => {
    expect(matrixMarkdown(report).split('\n').slice(2, 5)).toEqual([
      '| crud | ✓ 12 | ✓ 12 | not run | ✓ 12 | ✓ 12 |',
      '| filters | ✓ 30 | ✗ 1 of 30 | not run | ✓ 30 | ✓ 30 |',
      '| isolation | ✓ 14 | ✓ 14 | not run | – | ✓ 14 |',
    ])
  })
})
