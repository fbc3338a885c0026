//! How the call of a verb is made and shown.

use koophone::{Call, PageOptions, PhoneResults, Result, VerbResult, WaitOptions};
use serde::Serialize;
use serde_json::Value;

use crate::failure::RunResult;
use crate::output::brief;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;
use crate::table::Table;

/// One call.
pub(super) struct Run<'a> {
    session: &'a Session,
    repeat: RepeatArgs,
}

impl<'a> Run<'a> {
    pub fn new(session: &'a Session, repeat: RepeatArgs) -> Self {
        Self { session, repeat }
    }

    /// For a wait, whose timeout is how long it waits.
    pub fn waiting(&self) -> Result<WaitOptions> {
        self.session.wait_options()
    }

    /// For a verb that reads pages.
    pub fn pages(&self, max_calls: i64) -> PageOptions {
        PageOptions::new().max_calls(max_calls).on_progress(self.session.progress("pages"))
    }

    /// Makes the call and shows what each phone returned.
    pub fn finish<T: Clone + Serialize + Send + 'static>(&self, call: Call<Vec<VerbResult<T>>>) -> RunResult {
        let results = self.session.call(self.repeat.on(call))?;
        self.session.output.show(&results, || {
            let mut table = Table::new(["PHONE", "VALUE", "ERROR"]);
            for result in &results {
                let value = result.value.as_ref().map(|value| shown(serde_json::to_value(value).unwrap_or_default()));
                let id = result.instance_id.as_str();
                table.row([id.into(), value.unwrap_or_default().into(), brief(result.error.as_ref()).into()]);
            }
            table
        })?;
        Ok(results.raise_for_errors()?)
    }
}

/// A value in one line. The content of a file is shown by its length.
fn shown(value: Value) -> String {
    match value {
        Value::Null => "done".to_owned(),
        Value::String(text) => text,
        Value::Object(mut fields) => {
            if let Some(Value::Array(bytes)) = fields.get("bytes") {
                let length = format!("{} bytes", bytes.len());
                fields.insert("bytes".to_owned(), length.into());
            }
            Value::Object(fields).to_string()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_one_line() {
        assert_eq!(shown(json!(null)), "done");
        assert_eq!(shown(json!("KooPhone")), "KooPhone");
        assert_eq!(shown(json!([620])), "[620]");
        assert_eq!(shown(json!({"bytes": [1, 2, 3]})), r#"{"bytes":"3 bytes"}"#);
    }
}
