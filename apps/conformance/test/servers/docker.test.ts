import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { testService } from '../../src/servers/containers.ts'
import { run } from '../../src/servers/processes.ts'

const folder = fileURLToPath(new URL('../../../../docker', import.meta.url))

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly profiles?: readonly string[]
  readonly volumes?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly extends?: { readonly file: string; readonly service: string }
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly deploy: { readonly resources: { readonly limits: { readonly memory: string } } }
}

interface Compose {
  readonly name: string
  readonly services: Readonly<Record<string, Service>>
  readonly volumes?: Readonly<Record<string, unknown>>
}

const files = ['compose.yml', 'compose.replicated.yml', 'compose.test.yml'] as const
const template = read('.env.example')
const templateValues = new Map(
  [...template.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
)

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

function readCompose(file: string): Compose {
  return parse(read(file), { merge: true }) as Compose
}

/** The services of a file, with what they take over from another file. */
function servicesOf(file: string): [string, Service][] {
  return Object.entries(readCompose(file).services).map(([name, service]) => {
    const base = service.extends && readCompose(service.extends.file).services[service.extends.service]
    return [name, { ...base, ...service } as Service]
  })
}

interface Variable {
  readonly name: string
  readonly operator: string
  readonly rest: string
}

function variablesOf(text: string): Variable[] {
  const found = text.matchAll(/(?<!\$)\$\{(\w+)(:[-?])?([^}]*)\}/g)
  return [...found].map(([, name = '', operator = '', rest = '']) => ({ name, operator, rest }))
}

describe.each(files)('%s', (file) => {
  const services = servicesOf(file)
  const servers = services.filter(([name]) => !name.startsWith('migrate-'))

  test('has services, each of an image of a stated version, limited in memory', () => {
    expect(services.length).toBeGreaterThan(2)
    for (const [name, { image, deploy }] of services) {
      expect(image, name).toMatch(/^[a-z]+(\/[a-z]+)?:(?!latest)[\w.-]*\d[\w.-]*$/)
      expect(deploy.resources.limits.memory, name).toMatch(/^(\d+[mg]|\$\{\w+:-\d+[mg]\})$/)
    }
  })

  test('checks the health of every server', () => {
    for (const [name, { healthcheck }] of servers) {
      expect(healthcheck?.test[0], name).toMatch(/^CMD(-SHELL)?$/)
      expect(healthcheck?.test[1]?.length, name).toBeGreaterThan(0)
    }
  })

  test('offers its ports to this machine alone, each once', () => {
    const ports = servers.flatMap(([, service]) => service.ports ?? [])
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{\w+_PORT:-\d+\}:\d+$/)
    const published = ports.map((port) => /:-(\d+)\}/.exec(port)?.[1])
    expect(new Set(published).size).toBe(published.length)
  })

  test('takes every password from docker/.env and has none of its own', () => {
    const secrets = services.flatMap(([, { environment }]) =>
      Object.entries(environment ?? {}).filter(([name]) => /PASSWORD|REDISCLI_AUTH/.test(name)),
    )
    expect(secrets.length).toBeGreaterThan(0)
    for (const [name, value] of secrets) expect(value, name).toMatch(/^\$\{\w*PASSWORD:\?[^}]+\}$/)
  })

  test('names no variable that the template leaves out, and no default that it contradicts', () => {
    const variables = variablesOf(read(file))
    expect(variables.length).toBeGreaterThan(0)
    for (const { name, operator, rest } of variables) {
      // A required variable is a password, and those are for the user to make.
      expect(templateValues.get(name), name).toBe(operator === ':?' ? '' : rest)
      expect(operator, name).toMatch(/^:[-?]$/)
    }
  })

  test('mounts files that are there and volumes that it declares', () => {
    const { volumes = {} } = readCompose(file)
    const mounted = services.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':')[0] ?? '')
    const [own, named] = [
      mounted.filter((source) => source.startsWith('.')),
      mounted.filter((source) => !source.startsWith('.')),
    ]
    for (const source of own) expect(existsSync(join(folder, source)), source).toBe(true)
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort())
  })

  test('waits for services that it has and that say when they are healthy', () => {
    const names = services.map(([name]) => name)
    for (const [name, { depends_on }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on ?? {})) {
        expect(names, name).toContain(other)
        expect(condition, name).toBe('service_healthy')
      }
    }
  })
})

test('the template has no variable that no file uses', () => {
  const used = new Set(files.flatMap((file) => variablesOf(read(file)).map(({ name }) => name)))
  expect([...templateValues.keys()].filter((name) => !used.has(name))).toEqual(['COMPOSE_PROFILES'])
})

test('the profiles of the template are those of compose.yml', () => {
  const profiles = servicesOf('compose.yml').flatMap(([, service]) => service.profiles ?? [])
  expect([...new Set(profiles)].sort()).toEqual(templateValues.get('COMPOSE_PROFILES')?.split(',').sort())
})

test('every database of compose.yml is migrated by the project itself once it is healthy', () => {
  const services = new Map(servicesOf('compose.yml'))
  for (const [database, type] of Object.entries({ postgres: 'postgresql', mysql: 'mysql', mariadb: 'mysql' })) {
    const migrate = services.get(`migrate-${database}`)
    expect(migrate?.profiles).toEqual([database])
    expect(Object.keys(migrate?.depends_on ?? {})).toEqual([database])
    expect(Object.values(migrate?.environment ?? {})).toContain(type)
    const [node, condition, program, command] = migrate?.command ?? []
    expect([node, condition, command]).toEqual(['node', '--conditions=archon-db-source', 'migrate'])
    expect(existsSync(join(folder, '..', program ?? 'none'))).toBe(true)
  }
})

test('the suite starts what compose.test.yml says, with a password of its own', () => {
  expect(testService('mysql', 'made-up')).toMatchObject({
    image: 'mysql:8.4',
    environment: { MYSQL_ROOT_PASSWORD: 'made-up' },
    tmpfs: ['/var/lib/mysql'],
  })
  expect(testService('postgres', 'made-up')).toMatchObject({
    image: 'pgvector/pgvector:pg17',
    environment: { POSTGRES_PASSWORD: 'made-up', POSTGRES_INITDB_ARGS: '--locale=C.UTF-8 --encoding=UTF8' },
  })
  expect(testService('mariadb', 'made-up').command).toContain('--max-allowed-packet=128M')
})

test('the scripts of the replicas are executable and well formed', async () => {
  const scripts = readdirSync(join(folder, 'replication'))
  expect(scripts.length).toBe(4)
  for (const name of scripts) {
    const path = join(folder, 'replication', name)
    expect(statSync(path).mode & 0o111, name).toBe(0o111)
    await run('bash', ['-n', path])
  }
})
