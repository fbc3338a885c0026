import { checkShape, refuse, type Shape } from './checks.js';
import { fromSnakeJson, snakeJson } from './names.js';
import { native } from './native.js';

/** The network a stream goes over. */
export type Network = 'mobile' | 'wifi' | 'wired';

/** The codec of a stream. */
export type Codec = 'h264' | 'h265';

/** Bit rate and frame rate of one definition. */
export interface VideoSpec {
  /** Bit rate in kbit/s: a multiple of 100 from 0 to 10,000. */
  readonly bitrateKbps: number;
  /** Frames per second: 30 or 60. */
  readonly fps: number;
}

/** The settings of one network and codec. */
export interface VideoSetting {
  /** Network. */
  readonly network: Network;
  /** Codec. */
  readonly codec: Codec;
  /** 540P */
  readonly p540: VideoSpec;
  /** 720P */
  readonly p720: VideoSpec;
  /** 1080P */
  readonly p1080: VideoSpec;
}

/** The rates of one pair of network and codec, for some or all definitions. */
export type VideoRates = Partial<Pick<VideoSetting, 'p540' | 'p720' | 'p1080'>>;

/**
 * What {@link Client.setVideoSettings} sends: one to six settings, one per pair of network and codec. Immutable.
 *
 * @example
 * ```ts
 * const video = VideoSettings.all({ p1080: { bitrateKbps: 8000, fps: 60 } })
 *   .with('mobile', 'h264', { p1080: { bitrateKbps: 4000, fps: 30 } });
 * ```
 */
export class VideoSettings {
  /** One to six, each with another pair of network and codec. */
  readonly settings: readonly VideoSetting[];

  /** These settings and no others. */
  constructor(settings: readonly VideoSetting[]) {
    this.settings = settings;
  }

  /** All six pairs with the rates of the service's own example, apart from those given here. */
  static all(rates: VideoRates = {}): VideoSettings {
    const settings = fromSnakeJson(native().defaultVideoSettings()) as VideoSetting[];
    return new VideoSettings(settings.map((setting) => ({ ...setting, ...rates })));
  }

  /** The same with other rates for one pair. */
  with(network: Network, codec: Codec, rates: VideoRates): VideoSettings {
    const change = (setting: VideoSetting): VideoSetting =>
      setting.network === network && setting.codec === codec ? { ...setting, ...rates } : setting;
    return new VideoSettings(this.settings.map(change));
  }
}

const SPECS = ['p540', 'p720', 'p1080'] as const;
const SPEC: Shape = { required: ['bitrateKbps', 'fps'], fields: { bitrateKbps: 'number', fps: 'number' } };
const SETTING: Shape = {
  required: ['network', 'codec', ...SPECS],
  fields: { network: 'string', codec: 'string', p540: 'object', p720: 'object', p1080: 'object' },
};

/** What a caller gave, as JSON for the addon. */
export function videoJson(video: VideoSettings | readonly VideoSetting[]): string {
  // Not by its class: a VideoSettings may be that of another copy of this package.
  const settings: unknown = Array.isArray(video) ? video : (video as VideoSettings | undefined)?.settings;
  if (!Array.isArray(settings)) {
    refuse(
      'videoSettings',
      'videoSettings must be a VideoSettings or an array of settings; VideoSettings.all() has all six',
    );
  }
  settings.forEach((setting: VideoSetting, index) => {
    const name = `videoSettings[${index}]`;
    checkShape(name, setting, SETTING, 'field of a video setting');
    SPECS.forEach((part) => checkShape(`${name}.${part}`, setting[part], SPEC, 'rate'));
  });
  return snakeJson(settings);
}
