import * as check from './checks.js';
import { VIDEO_SETTING, VIDEO_SPEC } from './generated/arguments.js';
import { DEFAULT_VIDEO_SETTINGS } from './generated/model.js';
import type { Codec, Network, VideoSetting, VideoSpec } from './generated/model.js';

/**
 * What {@link Client.setVideoSettings} sends: one to six settings, one per pair of network and codec. Immutable, and
 * iterable.
 *
 * @example
 * ```ts
 * const rate = (bitrateKbps: number) => ({ bitrateKbps, fps: 30 });
 * const slow = { network: 'mobile', codec: 'h264', p540: rate(2000), p720: rate(3000), p1080: rate(4000) } as const;
 * const video = VideoSettings.uniform(rate(3000), rate(5000), rate(8000)).withSetting(slow);
 * ```
 */
export class VideoSettings implements Iterable<VideoSetting> {
  /** One to six, each with another pair of network and codec. */
  readonly settings: readonly VideoSetting[];

  /** Only these settings. */
  constructor(settings: Iterable<VideoSetting>) {
    this.settings = check.items('settings', settings, 'VideoSetting', VIDEO_SETTING);
  }

  /** All six pairs with the rates of the service's own example. */
  static default(): VideoSettings {
    return new VideoSettings(DEFAULT_VIDEO_SETTINGS);
  }

  /** All six pairs with the same rates. */
  static uniform(p540: VideoSpec, p720: VideoSpec, p1080: VideoSpec): VideoSettings {
    Object.entries({ p540, p720, p1080 }).forEach(([name, spec]) => VIDEO_SPEC(name, spec));
    return new VideoSettings(Array.from(VideoSettings.default(), (pair) => ({ ...pair, p540, p720, p1080 })));
  }

  /** The setting of one pair, if there is one. */
  setting(network: Network, codec: Codec): VideoSetting | undefined {
    return this.settings.find((one) => one.network === network && one.codec === codec);
  }

  /** The same with `setting` for its pair of network and codec, in the place of the one that was there. */
  withSetting(setting: VideoSetting): VideoSettings {
    VIDEO_SETTING('setting', setting);
    const old = this.setting(setting.network, setting.codec);
    const others = this.settings.map((one) => (one === old ? setting : one));
    return new VideoSettings(old === undefined ? [...others, setting] : others);
  }

  /** The settings one by one. */
  [Symbol.iterator](): Iterator<VideoSetting> {
    return this.settings[Symbol.iterator]();
  }
}
