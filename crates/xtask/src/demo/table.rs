//! The table at the end of the demo: step by language.

use super::Step;

/// One line per step, one column per language; errors are listed below.
pub(super) fn of(columns: &[(&str, Result<Vec<Step>, String>)]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for step in columns.iter().filter_map(|(_, steps)| steps.as_ref().ok()).flatten() {
        if !names.contains(&step.step.as_str()) {
            names.push(&step.step);
        }
    }
    const WIDTH: usize = 18;
    let mut text = format!("{:16}", "step");
    text.extend(columns.iter().map(|(language, _)| format!("{language:>WIDTH$}")));
    text.push('\n');
    for name in names {
        text += &format!("{name:16}");
        for (_, steps) in columns {
            let step = steps.as_ref().ok().and_then(|steps| steps.iter().find(|step| step.step == name));
            let cell = step.map_or_else(|| "–".to_owned(), |s| format!("{}/{} {:.1} ms", s.ok, s.phones, s.ms));
            text += &format!("{cell:>WIDTH$}");
        }
        text.push('\n');
    }
    for (language, problem) in columns.iter().filter_map(|(name, steps)| Some((name, steps.as_ref().err()?))) {
        text += &format!("\n{language}: {problem}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_step_and_every_problem() {
        let step = |name: &str| Step { step: name.into(), ok: 8, phones: 8, ms: 1.26 };
        let text = of(&[("Rust", Ok(vec![step("log in")])), ("C", Err("CMake is missing".into()))]);
        let lines: Vec<&str> = text.lines().collect();
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(lines[0]), "step Rust C");
        assert_eq!(words(lines[1]), "log in 8/8 1.3 ms –");
        assert_eq!(lines[3], "C: CMake is missing");
    }
}
