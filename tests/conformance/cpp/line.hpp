// A line from the judge: words and name=value fields, with a TAB between (PROTOCOL.md).

#ifndef LINE_HPP
#define LINE_HPP

#include <sstream>
#include <string>
#include <utility>
#include <vector>

struct Line {
    std::vector<std::string> words;
    std::vector<std::pair<std::string, std::string>> fields;

    explicit Line(const std::string &text) {
        std::istringstream parts(text);
        for (std::string part; std::getline(parts, part, '\t');) {
            const auto equals = part.find('=');
            if (equals == std::string::npos) {
                words.push_back(part);
            } else {
                fields.emplace_back(part.substr(0, equals), unescaped(part.substr(equals + 1)));
            }
        }
    }

    const std::string *find(const std::string &name) const {
        for (const auto &field : fields) {
            if (field.first == name) {
                return &field.second;
            }
        }
        return nullptr;
    }

    std::string get(const std::string &name) const {
        const std::string *value = find(name);
        return value == nullptr ? std::string() : *value;
    }

    std::vector<std::string> all(const std::string &name) const {
        std::vector<std::string> values;
        for (const auto &field : fields) {
            if (field.first == name) {
                values.push_back(field.second);
            }
        }
        return values;
    }

    /// One text, or those of a list, which are separate fields: `before.0`, `before.1`.
    std::vector<std::string> texts(const std::string &name) const {
        const std::string *one = find(name);
        if (one != nullptr && one->rfind('[', 0) != 0) {
            return {*one};
        }
        std::vector<std::string> values;
        while (const std::string *item = find(name + "." + std::to_string(values.size()))) {
            values.push_back(*item);
        }
        return values;
    }

private:
    static std::string unescaped(const std::string &text) {
        std::string plain;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] != '\\' || at + 1 == text.size()) {
                plain += text[at];
                continue;
            }
            const char c = text[++at];
            plain += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
        }
        return plain;
    }
};

#endif
