//! What a verb returns for one phone in C++.

use std::collections::HashMap;

use super::types::{Member, Types};

/// The type of the field `value` of each type of result, by the result's name; `void` where there is none.
pub fn values(results: &Types) -> HashMap<&str, String> {
    let value = |fields: &[Member]| fields.iter().find(|field| field.name == "value").map(kept);
    results.structs.iter().map(|one| (&*one.name, value(&one.fields).unwrap_or_else(|| "void".to_owned()))).collect()
}

/// The type that keeps what the view of a field shows: see phone.hpp.
fn kept(field: &Member) -> String {
    match field.kind {
        "text" => "std::string".to_owned(),
        "bool" => "bool".to_owned(),
        "integer" => field.cpp_integer.clone(),
        "text_list" => "std::vector<std::string>".to_owned(),
        "integer_list" => format!("std::vector<{}>", field.cpp_integer),
        _ => format!("Kept<{}>", field.of),
    }
}
