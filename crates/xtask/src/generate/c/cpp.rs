//! `include/koophone/model.hpp`: C++ views over the C structures, which `koophone.hpp` includes.

use std::fmt::Write;

use super::names::{ERROR, LISTS, MARK, c_constant, c_type, comment, is_error, is_kind};
use crate::generate::{Description, EnumType, Field, FieldKind, StructType};

const TOP: &str = r#"#ifndef KOOPHONE_MODEL_HPP
#define KOOPHONE_MODEL_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "../koophone.h"

namespace koophone {

/// Several values one after the other, borrowed from whatever gave them: for range-for, `size()` and `[]`.
template <class View, class C>
class Items {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = View;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = View;

        explicit iterator(const C *at) noexcept : at_(at) {}
        View operator*() const { return View(*at_); }
        iterator &operator++() noexcept {
            ++at_;
            return *this;
        }
        iterator operator++(int) noexcept { return iterator(at_++); }
        bool operator==(iterator other) const noexcept { return at_ == other.at_; }
        bool operator!=(iterator other) const noexcept { return at_ != other.at_; }

    private:
        const C *at_;
    };

    Items(const C *first, std::size_t count) noexcept : first_(first), count_(count) {}

    iterator begin() const noexcept { return iterator(first_); }
    iterator end() const noexcept { return iterator(first_ + count_); }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    View operator[](std::size_t at) const { return View(first_[at]); }

private:
    const C *first_;
    std::size_t count_;
};

/// Text of a list of texts.
class TextItem : public std::string_view {
public:
    explicit TextItem(const char *text) noexcept : std::string_view(text) {}
};

/// Texts one after the other.
using Texts = Items<TextItem, const char *>;

namespace detail {

inline std::optional<std::string_view> optional(const char *text) noexcept {
    if (text == nullptr) {
        return std::nullopt;
    }
    return std::string_view(text);
}

inline std::optional<std::string_view> optional(const char *text, std::size_t length) noexcept {
    if (text == nullptr) {
        return std::nullopt;
    }
    return std::string_view(text, length);
}

} // namespace detail
"#;

/// The header.
pub fn model(description: &Description) -> Result<String, String> {
    let mut text = format!(
        "// {MARK}\n//\n// The core's types in C++: views over the structures of koophone.h. Include koophone.hpp.\n"
    );
    text += TOP;
    text += "\n/// What went wrong, in one word.\nenum class ErrorKind {\n";
    for kind in koophone::ErrorKind::ALL {
        let _ = writeln!(text, "    /// {}", kind.meaning());
        let _ = writeln!(text, "    {} = KOOPHONE_{},", kind.name(), kind.name().to_uppercase());
    }
    text += "};\n\n/// Its name, such as `outcome_unknown`.\ninline std::string_view name(ErrorKind kind) noexcept {\n    return koophone_status_name(static_cast<std::int32_t>(kind));\n}\n";
    description.enums.iter().for_each(|one| enumeration(&mut text, one));
    let error = description.structs.iter().find(|one| one.name == ERROR).ok_or("the core describes no error")?;
    error_class(&mut text, error);
    let ready = |done: &[&str], one: &StructType| {
        one.fields.iter().all(|field| match &field.kind {
            FieldKind::Struct(of) | FieldKind::StructList(of) => of == ERROR || done.contains(&of.as_str()),
            _ => true,
        })
    };
    // A structure comes after those that it holds.
    let mut open: Vec<&StructType> = description.structs.iter().filter(|one| one.name != ERROR).collect();
    let mut done: Vec<&str> = Vec::new();
    while !open.is_empty() {
        let at = open.iter().position(|one| ready(&done, one)).ok_or("structures hold each other in a circle")?;
        let one = open.remove(at);
        class(&mut text, one);
        done.push(&one.name);
    }
    text += "\ninline Items<JobResult, koophone_job_result> Error::last_jobs() const noexcept {\n    std::size_t count = 0;\n";
    text += "    const koophone_job_result *first = koophone_error_last_jobs(error_.get(), &count);\n    return {first, count};\n}\n";
    text += "\n} // namespace koophone\n\n#endif // KOOPHONE_MODEL_HPP\n";
    Ok(text)
}

fn enumeration(text: &mut String, one: &EnumType) {
    *text += "\n";
    *text += &comment("///", &one.doc);
    let _ = writeln!(text, "enum class {} {{", one.name);
    for variant in &one.variants {
        *text += &comment("    ///", &variant.doc);
        let _ = writeln!(text, "    {} = {},", variant.name, c_constant(&one.name, &variant.name));
    }
    let _ = writeln!(
        text,
        "}};\n\n/// Its name, such as `{}`.\ninline std::string_view name({} value) noexcept {{\n    return {}_name(static_cast<std::int32_t>(value));\n}}",
        one.variants[1].name,
        one.name,
        c_type(&one.name)
    );
}

fn error_class(text: &mut String, error: &StructType) {
    *text += r#"
class JobResult;

/// A failure of any call, with everything known about it. Cheap to copy.
class [[nodiscard]] Error : public std::exception {
public:
    /// Takes an error over that a function of koophone.h gave.
    explicit Error(koophone_error *error) : error_(error, koophone_error_free) {}

    /// The whole error in one line: message, kind, service code, HTTP status, request ids, first cause.
    const char *what() const noexcept override {
        const char *text = koophone_error_text(error_.get());
        return text == nullptr ? "koophone: an error without details" : text;
    }
"#;
    for field in &error.fields {
        *text += "\n";
        *text += &comment("    ///", &field.doc);
        let name = &field.name;
        let get = format!("koophone_error_{name}(error_.get())");
        let line = match &field.kind {
            _ if is_kind(ERROR, field) => {
                format!("ErrorKind kind() const noexcept {{ return static_cast<ErrorKind>({get}); }}")
            }
            FieldKind::Text if field.optional => {
                format!("std::optional<std::string_view> {name}() const noexcept {{ return detail::optional({get}); }}")
            }
            FieldKind::Text => {
                format!("std::string_view {name}() const noexcept {{ return detail::optional({get}).value_or(\"\"); }}")
            }
            FieldKind::Bool => format!("bool {name}() const noexcept {{ return {get}; }}"),
            FieldKind::Integer(of) if field.optional => {
                let of = integer(of);
                format!(
                    "std::optional<{of}> {name}() const noexcept {{\n        const {of} value = {get};\n        return value == 0 ? std::nullopt : std::optional<{of}>(value);\n    }}"
                )
            }
            FieldKind::Integer(of) => format!("{} {name}() const noexcept {{ return {get}; }}", integer(of)),
            FieldKind::TextList => format!(
                "Texts {name}() const noexcept {{\n        std::size_t count = 0;\n        const char *const *first = koophone_error_{name}(error_.get(), &count);\n        return {{first, count}};\n    }}"
            ),
            _ => format!("Items<JobResult, koophone_job_result> {name}() const noexcept;"),
        };
        let _ = writeln!(text, "    {line}");
    }
    *text += "\n    /// The error of koophone.h, borrowed.\n    const koophone_error *get() const noexcept { return error_.get(); }\n";
    *text += "\nprivate:\n    std::shared_ptr<const koophone_error> error_;\n\n";
    *text += "    static void koophone_error_free(const koophone_error *error) { ::koophone_error_free(const_cast<koophone_error *>(error)); }\n};\n";
}

fn class(text: &mut String, one: &StructType) {
    let (name, c) = (&one.name, c_type(&one.name));
    *text += "\n";
    *text += &comment("///", &one.doc);
    *text += "///\n/// A view: valid as long as what it came from.\n";
    let _ = writeln!(text, "class {name} {{\npublic:");
    let _ = writeln!(text, "    explicit {name}(const {c} &c) noexcept : c_(&c) {{}}");
    for field in &one.fields {
        *text += "\n";
        *text += &comment("    ///", &field.doc);
        let _ = writeln!(text, "    {}", getter(field));
    }
    if let Some(ok) = ok(one) {
        *text += "\n    /// Whether all went well on this phone.\n";
        let _ = writeln!(text, "    [[nodiscard]] bool ok() const noexcept {{ return {ok}; }}");
    }
    let _ =
        writeln!(text, "\n    /// The structure of koophone.h.\n    const {c} &get() const noexcept {{ return *c_; }}");
    let _ = writeln!(text, "\nprivate:\n    const {c} *c_;\n}};");
}

/// What says that a phone did well: the core's `PhoneResult::ok`.
fn ok(one: &StructType) -> Option<&'static str> {
    let is_answer = LISTS.iter().any(|(name, answers)| *answers && *name == one.name);
    let has_job = one.fields.iter().any(|field| field.kind == FieldKind::Enum("JobState".to_owned()));
    is_answer.then_some(if has_job { "state() == JobState::succeeded" } else { "c_->error == nullptr" })
}

fn getter(field: &Field) -> String {
    let name = &field.name;
    match &field.kind {
        FieldKind::Text if field.optional => format!(
            "std::optional<std::string_view> {name}() const noexcept {{ return detail::optional(c_->{name}, c_->{name}_length); }}"
        ),
        FieldKind::Text => {
            format!("std::string_view {name}() const noexcept {{ return {{c_->{name}, c_->{name}_length}}; }}")
        }
        FieldKind::Bool => format!("bool {name}() const noexcept {{ return c_->{name}; }}"),
        FieldKind::Integer(of) if field.optional => {
            let of = integer(of);
            format!(
                "std::optional<{of}> {name}() const noexcept {{ return c_->has_{name} ? std::optional<{of}>(c_->{name}) : std::nullopt; }}"
            )
        }
        FieldKind::Integer(of) => format!("{} {name}() const noexcept {{ return c_->{name}; }}", integer(of)),
        FieldKind::Enum(of) => format!("{of} {name}() const noexcept {{ return static_cast<{of}>(c_->{name}); }}"),
        FieldKind::Struct(_) if is_error(field) => format!(
            "std::optional<Error> {name}() const {{\n        if (c_->{name} == nullptr) {{\n            return std::nullopt;\n        }}\n        return Error(koophone_error_clone(c_->{name}));\n    }}"
        ),
        FieldKind::Struct(of) => format!("{of} {name}() const noexcept {{ return {of}(c_->{name}); }}"),
        FieldKind::TextList => format!("Texts {name}() const noexcept {{ return {{c_->{name}, c_->{name}_count}}; }}"),
        FieldKind::StructList(of) => format!(
            "Items<{of}, {}> {name}() const noexcept {{ return {{c_->{name}, c_->{name}_count}}; }}",
            c_type(of)
        ),
    }
}

fn integer(rust: &str) -> String {
    let (kind, bits) = rust.split_at(1);
    format!("std::{}int{bits}_t", if kind == "u" { "u" } else { "" })
}
