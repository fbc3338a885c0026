/** Finds the addon at the first use: importing the package costs nothing. */

import type { Native } from './generated/native.js';

let loaded: Native | undefined;

/** The addon of this system. */
export function native(): Native {
  return (loaded ??= load());
}

/** The ends of package names after the system and the processor. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = { linux: ['-gnu', '-musl'], win32: ['-msvc'] };

function load(): Native {
  const { platform, arch, version } = process;
  const systems = (LIBRARIES[platform] ?? ['']).map((library) => `${platform}-${arch}${library}`);
  const attempts: string[] = [];
  // A local build is in the package; otherwise there is a package for this system.
  for (const place of systems.flatMap((system) => [`../koophone.${system}.node`, `koophone-${system}`])) {
    try {
      return require(place) as Native;
    } catch (error) {
      attempts.push(`${place}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `koophone has no native addon for ${platform}-${arch} (Node ${version}). It comes with the optional dependency ` +
      `${systems.map((system) => `koophone-${system}`).join(' or ')}. npm sometimes leaves optional dependencies out ` +
      '(npm/cli#4828, or --omit=optional): delete node_modules and package-lock.json and install again, or install ' +
      `koophone-${systems[0]} by name. If there is no such package, no addon was built for this system. Tried:\n  ` +
      attempts.join('\n  '),
  );
}
