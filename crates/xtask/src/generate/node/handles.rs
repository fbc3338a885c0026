//! `handles.ts`: the classes of the handles that a client returns.

use minijinja::{Value, context};

use super::super::handles::{Call, HANDLES, Handle, Maker, Property};
use super::super::template::{camel, render};
use super::super::{Description, FieldKind};
use super::operations::{error_lists, variable};
use super::prose;

/// `handles.ts`.
pub(super) fn classes(results: &Description) -> Result<String, String> {
    let of_properties = HANDLES.iter().flat_map(|one| one.properties).filter_map(Property::of);
    let of_calls = HANDLES.iter().flat_map(|one| one.calls).map(|call| call.result);
    let mut types: Vec<&str> = of_properties.chain(of_calls).collect();
    types.sort_unstable();
    types.dedup();
    let template = include_str!("../../../templates/node/handles.ts.j2");
    render("handles.ts.j2", template, context! { handles => views(results)?, types })
}

/// The handles, with JavaScript's names.
pub(super) fn views(results: &Description) -> Result<Vec<Value>, String> {
    let of = |handle: &Handle| {
        let calls = handle.calls.iter().map(|one| call(handle, one, results)).collect::<Result<Vec<_>, _>>()?;
        Ok(context! {
            name => handle.name,
            variable => variable(handle.name),
            doc => words(handle.doc, results),
            maker => maker(&handle.maker, results),
            properties => handle.properties.iter().map(|one| property(one, results)).collect::<Vec<_>>(),
            calls,
        })
    };
    HANDLES.iter().map(of).collect()
}

fn maker(of: &Maker, results: &Description) -> Value {
    context! {
        name => camel(of.name),
        doc => words(of.doc, results),
        argument => camel(of.argument),
        argument_doc => words(of.argument_doc, results),
        refuses => of.refuses.map(|why| words(why, results)),
    }
}

fn property(of: &Property, results: &Description) -> Value {
    let kind = match of.kind {
        "text" => "string".to_owned(),
        "text_list" => "readonly string[]".to_owned(),
        "bool" => "boolean".to_owned(),
        one => format!("readonly {one}[]"),
    };
    context! {
        name => camel(of.name),
        doc => words(of.doc, results),
        of => kind,
        per_phone => of.of().is_some(),
        is_method => of.is_method,
    }
}

fn call(handle: &Handle, of: &Call, results: &Description) -> Result<Value, String> {
    let result = results.structs.iter().find(|one| one.name == of.result);
    let result =
        result.ok_or_else(|| format!("{} returns {}, which the core does not describe", of.name, of.result))?;
    let resumes = !handle.properties.is_empty();
    Ok(context! {
        name => of.name,
        native => if resumes { of.name.to_owned() + handle.name } else { "ask".to_owned() },
        doc => words(of.doc, results),
        table => of.view(),
        result => of.result,
        variable => variable(of.result),
        per_phone => of.per_phone,
        returns_doc => words(of.returns_doc, results),
        raises => of.raises.iter().map(|(kind, why)| (*kind, words(why, results))).collect::<Vec<_>>(),
        is_secret => result.fields.iter().any(|field| field.secret),
        error_lists => error_lists(result, results),
    })
}

/// Documentation with JavaScript's names of methods and error details.
fn words(text: &str, results: &Description) -> String {
    let details = results.structs.iter().filter(|one| one.name == "ErrorDetails").flat_map(|one| &one.fields);
    let details = details.filter(|field| !matches!(field.kind, FieldKind::Bool)).map(|field| field.name.as_str());
    let names = HANDLES.iter().map(|one| one.maker.name).chain(details);
    names.fold(prose(&text.replace("``", "`")), |text, name| {
        text.replace(&format!("`{name}`"), &format!("`{}`", camel(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handle_has_its_calls_and_its_maker() {
        let text = classes(&Description::of_the_core().unwrap()).unwrap();
        for line in [
            "export abstract class TaskCalls {",
            "  readonly phones: readonly TaskPhone[];",
            "    this.phones = withErrors(data.phones, signal);",
            "  save(): string {",
            "    withErrors(taskStatus.jobs);",
            "  async wait(options?: WaitOptions): Promise<JobResult[]> {",
            "export class DeviceToken {",
            "  async get(options?: CallOptions): Promise<DeviceAuthorization> {",
            "    return hiding(deviceAuthorization, SECRETS.DeviceAuthorization);",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
        }
        assert!(
            text.contains("`lastJobs`") && !text.contains("last_jobs") && !text.replace("```", "").contains("``"),
            "{text}"
        );
    }
}
