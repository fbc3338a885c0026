// Part of koophone.hpp: lists of video settings.

#ifndef KOOPHONE_VIDEO_HPP
#define KOOPHONE_VIDEO_HPP

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "argument_types.hpp"

namespace koophone {

/// The argument of `Client::set_video_settings`: one to six settings, one per pair of network and codec. Range-for
/// iterates over them.
class VideoSettings {
public:
    /// The rates of the example in the service's documents, for all six pairs.
    VideoSettings() : VideoSettings(detail::make<koophone_video_setting_list>(koophone_video_settings_default)) {}
    /// Only these.
    explicit VideoSettings(std::vector<VideoSetting> settings) : settings(std::move(settings)) {}

    /// The same three rates for all six pairs.
    static VideoSettings uniform(const VideoSpec &p540, const VideoSpec &p720, const VideoSpec &p1080) {
        const auto c540 = detail::to_c(p540), c720 = detail::to_c(p720), c1080 = detail::to_c(p1080);
        return VideoSettings(detail::make<koophone_video_setting_list>(
            [&](koophone_video_setting_list **out, koophone_error **error) {
                return koophone_video_settings_uniform(&c540, &c720, &c1080, out, error);
            }));
    }

    /// From a list of {network, codec, p540, p720, p1080}, each of the last three {bitrate_kbps, fps}.
    static VideoSettings from_json(const Text &json) {
        return VideoSettings(detail::make<koophone_video_setting_list>(
            [&](koophone_video_setting_list **out, koophone_error **error) {
                return koophone_video_settings_from_json(json.c_str("json"), out, error);
            }));
    }

    /// The setting of one pair, if there is one.
    [[nodiscard]] std::optional<VideoSetting> setting(Network network, Codec codec) const {
        for (const VideoSetting &one : settings) {
            if (one.network == network && one.codec == codec) {
                return one;
            }
        }
        return std::nullopt;
    }

    /// The same with `setting` replacing the one for its pair of network and codec.
    [[nodiscard]] VideoSettings with_setting(const VideoSetting &setting) const {
        VideoSettings changed = *this;
        for (VideoSetting &one : changed.settings) {
            if (one.network == setting.network && one.codec == setting.codec) {
                one = setting;
                return changed;
            }
        }
        changed.settings.push_back(setting);
        return changed;
    }

    [[nodiscard]] auto begin() const noexcept { return settings.begin(); }
    [[nodiscard]] auto end() const noexcept { return settings.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return settings.size(); }

    /// One to six, each with a different pair of network and codec.
    std::vector<VideoSetting> settings;

private:
    explicit VideoSettings(koophone_video_setting_list *list) {
        const detail::Handle<koophone_video_setting_list, koophone_video_setting_list_free> owner(list);
        for (std::size_t at = 0; at < list->count; ++at) {
            settings.push_back(detail::from_c(list->items[at]));
        }
    }
};

} // namespace koophone

#endif // KOOPHONE_VIDEO_HPP
