import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheSubfolder } from './cache.ts'
import { withLock } from './lock.ts'
import type { PackageChoice } from './packages.ts'
import { run } from './processes.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
const listsStayFreshMs = 6 * 3600_000

/** Packages that a database server's own package wants on a whole system, and a bare server never opens. */
const unneeded =
  /^(adduser|base-passwd|debconf|libperl[\d.]+|locales|login\.defs|passwd|perl(-base|-modules-.*)?|procps|sensible-utils|systemd|libsystemd-shared|tzdata|ucf)$/

/**
 * Downloads packages with what they depend on into `folder` and returns the files.
 *
 * apt works on folders of its own here: the machine's package lists and installed packages are not touched.
 */
export async function downloadPackages(choice: PackageChoice, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const apt = await preparedApt(choice.suite, false)
  try {
    return await download(apt, choice, folder)
  } catch {
    // The mirror may have moved on since the lists were read.
    return await download(await preparedApt(choice.suite, true), choice, folder)
  }
}

async function download(configuration: string, choice: PackageChoice, folder: string): Promise<string[]> {
  const plan = await run('apt-get', ['-c', configuration, 'install', '-qq', '--print-uris', ...choice.packages])
  const archives = [...plan.matchAll(/^'\S+' ([^_\s]+)_([^_\s]+)_\S+\.deb /gm)]
  const wanted = archives
    .map(([, name, version]) => ({ name: name ?? '', version: decodeURIComponent(version ?? '') }))
    .filter(({ name }) => !unneeded.test(name))
  const names = wanted.map(({ name, version }) => `${name}=${version}`)
  await run('apt-get', ['-c', configuration, 'download', '-qq', ...names], { cwd: folder })
  return readdirSync(folder)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => join(folder, file))
}

/** The apt configuration of one suite, its package lists read not long ago. */
async function preparedApt(suite: string, refresh: boolean): Promise<string> {
  return await withLock(`apt-${suite}`, async () => {
    const folder = cacheSubfolder('apt', suite)
    const configuration = join(folder, 'apt.conf')
    const read = join(folder, 'lists-read')
    const entry = statSync(read, { throwIfNoEntry: false })
    if (!refresh && entry !== undefined && Date.now() - entry.mtimeMs < listsStayFreshMs) return configuration
    const reasons: string[] = []
    for (const mirror of await mirrors()) {
      writeConfiguration(folder, configuration, mirror, suite)
      try {
        await run('apt-get', ['-c', configuration, 'update', '-qq', '--error-on=any'])
        writeFileSync(read, '')
        return configuration
      } catch (error) {
        reasons.push((error as Error).message)
      }
    }
    throw new Error(reasons.join('; ') || 'the machine names no Debian mirror')
  })
}

/** Where this machine itself gets Debian packages from. */
async function mirrors(): Promise<string[]> {
  const sites = await run('apt-get', ['indextargets', '--format', '$(SITE) $(COMPONENT)'])
  const main = sites.split('\n').filter((line) => line.endsWith(' main'))
  const unique = [...new Set(main.map((line) => line.split(' ')[0] ?? ''))]
  return unique.filter((site) => !site.endsWith('-security'))
}

function writeConfiguration(folder: string, configuration: string, mirror: string, suite: string): void {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'log']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  const sources = join(folder, 'sources.list')
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : ''
  writeFileSync(sources, `deb ${signed}${mirror} ${suite} main\n`)
  writeFileSync(join(folder, 'status'), '')
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Log': join(folder, 'log'),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`)
  // The machine's hooks are for its own lists, and fail for an ordinary user.
  const hooks = ['APT::Update::Pre-Invoke', 'APT::Update::Post-Invoke', 'APT::Update::Post-Invoke-Success']
  writeFileSync(configuration, `${[...hooks.map((hook) => `#clear ${hook};`), ...lines].join('\n')}\n`)
}
