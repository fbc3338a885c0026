//! The pages that users read, and the code blocks in them. A block is a program of its page unless its language is a
//! data format; `<!-- not run: REASON -->` on the line before says why a program cannot run.
//!
//! The words after the fence are the language and, if the block is a file, its name: ` ```toml rules.toml `.

use crate::repository::Repository;

/// The languages of blocks that are run; there is no PowerShell here, so its blocks must say that they are not run.
pub const PROGRAMS: &[&str] = &["sh", "powershell", "python", "js", "rust", "c", "cpp"];

/// The languages of blocks that are not run; `output` is the output of the preceding program.
const DATA: &[&str] = &["output", "text", "toml", "json", "yaml", "ini", "cmake", "http"];

const NOT_RUN: &str = "<!-- not run:";

/// A page.
pub struct Page {
    /// The path from the top folder.
    pub path: String,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// A block of code.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The line of its opening fence, from 1.
    pub line: usize,
    pub language: String,
    /// The name of the file that it contains, if it is one.
    pub file: Option<String>,
    pub text: String,
    /// Why it is not run, if it is marked.
    pub not_run: Option<String>,
}

/// The README in both languages, and the guide.
pub fn of(repository: &Repository) -> Result<Vec<Page>, String> {
    let files = repository.files()?.iter();
    let pages = files.filter(|file| is_page(&file.path));
    Ok(pages
        .map(|file| Page { path: file.path.clone(), text: file.text.clone(), blocks: blocks(&file.text) })
        .collect())
}

fn is_page(path: &str) -> bool {
    let guide = path.starts_with("docs/guide/src/") && path.ends_with(".md");
    guide || path == "README.md" || path == "README.zh-CN.md"
}

impl Block {
    /// Whether it is a program of its page.
    pub fn is_program(&self) -> bool {
        PROGRAMS.contains(&self.language.as_str())
    }

    /// Whether its page runs it; files are used by other programs.
    pub fn runs(&self) -> bool {
        self.is_program() && self.not_run.is_none() && self.file.is_none()
    }

    /// Whether it is a file of pytest tests.
    pub fn is_pytest(&self) -> bool {
        self.not_run.is_none()
            && self.file.as_deref().is_some_and(|name| name.starts_with("test_") && name.ends_with(".py"))
    }
}

impl Page {
    /// The problems of its blocks.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.blocks.iter().filter_map(|block| self.problem(block)).collect();
        let marks = self.text.lines().filter(|line| line.starts_with(NOT_RUN)).count();
        if marks != self.blocks.iter().filter(|block| block.not_run.is_some()).count() {
            problems.push(format!(
                "{}: the mark `{NOT_RUN} REASON -->` must be on the line before a block's fence",
                self.path
            ));
        }
        problems
    }

    fn problem(&self, block: &Block) -> Option<String> {
        let at = format!("{}:{}", self.path, block.line);
        let language = block.language.as_str();
        if !block.is_program() && !DATA.contains(&language) {
            let known = [PROGRAMS, DATA].concat().join(", ");
            return Some(format!("{at} is a block of unknown language {language:?}: {known}"));
        }
        if let Some(reason) = &block.not_run {
            let words = reason.split_whitespace().count();
            return match block.is_program() {
                false => Some(format!("{at} is not a program: remove the mark `{NOT_RUN} ...`")),
                true => (words < 3).then(|| format!("{at} is not run, and its mark does not say why")),
            };
        }
        let file =
            block.file.as_deref().filter(|_| !block.is_pytest() && block.file.as_deref() != Some("conftest.py"))?;
        let used = self.blocks.iter().any(|other| other.runs() && other.text.contains(file));
        (!used).then(|| format!("{at} is the file {file}, which no program of the page uses"))
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = "";
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                // rustdoc separates words by commas.
                let mut words = info.split([' ', ',']).filter(|word| !word.is_empty());
                open = Some(Block {
                    line: number + 1,
                    language: words.next().unwrap_or_default().to_owned(),
                    file: words.next().filter(|word| word.contains('.')).map(str::to_owned),
                    text: String::new(),
                    not_run: before
                        .strip_prefix(NOT_RUN)
                        .map(|reason| reason.trim_end().trim_end_matches("-->").trim().to_owned()),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
        before = line;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page { path: "p.md".to_owned(), text: text.to_owned(), blocks: blocks(text) }
    }

    #[test]
    fn blocks_have_a_language_a_file_and_a_mark() {
        let page = page(
            "a\n```rust,no_run\nfn main() {}\n```\n\n<!-- not run: it installs a package -->\n```sh\npip\n```\n\
             ```toml rules.toml\n[x]\n```\n```sh\ncat rules.toml\n```\n",
        );
        let [rust, pip, rules, cat] = &page.blocks[..] else { panic!("{:?}", page.blocks) };
        assert_eq!((rust.line, rust.language.as_str(), rust.text.as_str()), (2, "rust", "fn main() {}\n"));
        assert!(rust.runs() && rust.file.is_none() && !pip.runs() && cat.runs());
        assert_eq!(pip.not_run.as_deref(), Some("it installs a package"));
        assert_eq!(rules.file.as_deref(), Some("rules.toml"));
        assert_eq!(page.problems(), [""; 0]);
    }

    #[test]
    fn a_program_that_is_not_run_is_found() {
        for (text, wrong) in [
            ("```bash\nls\n```\n", "unknown language"),
            ("```\nls\n```\n", "unknown language"),
            ("<!-- not run: -->\n```sh\nls\n```\n", "does not say why"),
            ("<!-- not run: it needs a phone -->\n```json\n1\n```\n", "is not a program"),
            ("<!-- not run: it needs a phone -->\n\n```sh\nls\n```\n", "on the line before"),
            ("```toml rules.toml\n```\n", "which no program"),
        ] {
            let problems = page(text).problems();
            assert!(problems.len() == 1 && problems[0].contains(wrong), "{text}: {problems:?}");
        }
    }
}
