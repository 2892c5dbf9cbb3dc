// The packages that carry the built addon, `@stratajs/backend-cpu-<platform>`. They are made at release time and are no part
// of the workspace; their version is always that of @stratajs/backend-cpu.
//   node scripts/prebuilt.js package <platform> <folder>   makes <folder>/<platform> around the addon that is built here
//   node scripts/prebuilt.js require <folder> <package.json>   writes optionalDependencies on the packages of all platforms,
//                                                              which must lie in <folder>, into that package.json
//   node scripts/prebuilt.js publish <folder>              publishes them, but those that npm has in this version
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLATFORMS } from './native/platforms.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const platforms = Object.keys(PLATFORMS);
const nameOf = (platform) => `${manifest.name}-${platform}`;

function makePackage(platform, folder) {
  if (!PLATFORMS[platform]) {
    throw new Error(`The platform is one of ${platforms.join(', ')}. Received: ${platform}.`);
  }
  const addon = join(root, 'dist/native/strata-cpu.node');
  if (!existsSync(addon)) throw new Error(`${addon} is missing. Build it: pnpm build.`);
  const place = join(folder, platform);
  mkdirSync(place, { recursive: true });
  copyFileSync(addon, join(place, 'strata-cpu.node'));
  copyFileSync(join(root, '../../LICENSE'), join(place, 'LICENSE'));
  const { version, license, repository, engines } = manifest;
  writeJson(join(place, 'package.json'), {
    name: nameOf(platform),
    version,
    description: `The native addon of ${manifest.name} for ${platform}`,
    license,
    repository,
    ...PLATFORMS[platform],
    main: 'strata-cpu.node',
    files: ['strata-cpu.node'],
    engines,
    publishConfig: { access: 'public' },
  });
  const readme = `# ${nameOf(platform)}\n\nThe native addon of [${manifest.name}](https://www.npmjs.com/package/${manifest.name}) for ${platform}, which installs it where it fits.\n`;
  writeFileSync(join(place, 'README.md'), readme);
}

/** That all platforms' packages lie in `folder`, in the version of this one. */
function checkAll(folder) {
  for (const platform of platforms) {
    const path = join(folder, platform, 'package.json');
    if (!existsSync(path) || !existsSync(join(folder, platform, 'strata-cpu.node'))) {
      throw new Error(`The packages of all platforms lie in ${folder}. Missing: ${platform}.`);
    }
    const { version } = JSON.parse(readFileSync(path, 'utf8'));
    if (version !== manifest.version) {
      throw new Error(
        `${nameOf(platform)} has version ${version}, ${manifest.name} has ${manifest.version}. Make it again.`,
      );
    }
  }
}

function requireAll(folder, path) {
  checkAll(folder);
  const own = JSON.parse(readFileSync(path, 'utf8'));
  const optionalDependencies = { ...own.optionalDependencies };
  for (const platform of platforms) optionalDependencies[nameOf(platform)] = manifest.version;
  writeJson(path, { ...own, optionalDependencies });
}

function publishAll(folder) {
  checkAll(folder);
  for (const platform of platforms) {
    const spec = `${nameOf(platform)}@${manifest.version}`;
    const { stdout } = spawnSync('npm', ['view', spec, 'version'], { encoding: 'utf8' });
    if (stdout.trim() === manifest.version) continue;
    // Absolute: npm takes `prebuilt/linux-x64-gnu` for a repository on GitHub.
    const place = resolve(folder, platform);
    const published = spawnSync('npm', ['publish', place], { stdio: 'inherit' });
    if (published.status !== 0) throw new Error(`${spec} is not published. Run the release again.`);
  }
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

const [command, ...values] = process.argv.slice(2);
try {
  if (command === 'package' && values.length === 2) makePackage(...values);
  else if (command === 'require' && values.length === 2) requireAll(...values);
  else if (command === 'publish' && values.length === 1) publishAll(...values);
  else {
    throw new Error(
      'Say `package <platform> <folder>`, `require <folder> <package.json>` or `publish <folder>`.',
    );
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
