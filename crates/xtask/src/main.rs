//! `cargo xtask`: the developer commands of this repository. See `cargo xtask --help`.

mod bench;
mod check;
mod demo;
mod dist;
mod docs;
mod emulation;
mod fuzz;
mod generate;
mod link;
mod node;
mod packages;
mod pages;
mod process;
mod python;
mod release;
mod repository;
mod target;
mod test;
mod tool;

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};

use repository::Repository;

/// The developer commands of the koophone repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "Examples:
  cargo xtask demo                the main job in every language, against an emulator
  cargo xtask check               everything that must hold before a change lands
  cargo xtask check fmt clippy    two of its steps
  cargo xtask test                every test of every face
  cargo xtask bench               the performance of every face, compared with its peers
  cargo xtask generate            write the generated files";

#[derive(Subcommand)]
enum Verb {
    /// Check everything that must hold for the repository, apart from its tests.
    ///
    /// Every step runs, even after a failure; a summary comes last. Exits with 1 if a step failed.
    #[command(after_help = "Examples:
  cargo xtask check                      every step
  cargo xtask check --list               what the steps are about
  cargo xtask check layering licences    these two only
  cargo xtask check --perf               instruction counts against the baseline")]
    Check {
        /// The steps to run; all by default.
        #[arg(value_name = "STEP", value_parser = PossibleValuesParser::new(check::names()))]
        steps: Vec<String>,
        /// List the steps with their descriptions.
        #[arg(long)]
        list: bool,
        /// Check instruction counts instead: they may differ from benches/instructions.json by at most 5 %.
        #[arg(long, conflicts_with_all = ["steps", "list"])]
        perf: bool,
    },
    /// Run the tests, and count them.
    ///
    /// Every suite runs and shows its output; at the end comes a table, with the total as the last line. Exits with 1
    /// if a test failed or a suite could not run. The suites of other systems (windows, arm64) run only by name or with
    /// --everywhere; they install wine, qemu and compilers if they run as root.
    #[command(after_help = "Examples:
  cargo xtask test           every suite but those of other systems
  cargo xtask test --list    what the suites are about
  cargo xtask test rust      one suite only
  cargo xtask test windows   what is built for Windows, under wine
  cargo xtask test --everywhere   every suite, and those of other systems in short form")]
    Test {
        /// The suites to run; by default all but those of other systems.
        #[arg(value_name = "SUITE", value_parser = PossibleValuesParser::new(test::names()))]
        suites: Vec<String>,
        /// Run the suites of other systems too, in short form; skip what needs a tool that cannot be installed.
        #[arg(long, conflicts_with_all = ["suites", "list"])]
        everywhere: bool,
        /// List the suites with their descriptions.
        #[arg(long)]
        list: bool,
    },
    /// Do the main job in every language, and print one table.
    ///
    /// Builds what is needed, starts an emulator with 8 phones for each language, logs in, queries status, sets video,
    /// runs a command, starts one and waits for it, resets, and gets device tokens.
    #[command(after_help = "Examples:
  cargo xtask demo                   against emulators; touches nothing else
  cargo xtask demo --live PHONE...   only the read-only steps, with the service and credentials from the environment")]
    Demo {
        /// Use the service and credentials from the environment, and only read.
        #[arg(long, requires = "phones")]
        live: bool,
        /// Phones of the account, for --live.
        #[arg(value_name = "PHONE", requires = "live")]
        phones: Vec<String>,
    },
    /// Run the fault matrix and write docs/fault-matrix.md.
    Matrix,
    /// Compare koophone's performance with its alternatives.
    ///
    /// Builds the shipped packages, and runs a server on one processor and the contenders in turn on another. Keeps
    /// JSON in target/bench, and writes docs/benchmarks.md from it.
    #[command(after_help = "Examples:
  cargo xtask bench                  every face; twenty minutes, once everything is built
  cargo xtask bench c                one face again; the other results are kept
  cargo xtask bench python --quick   a quick look at one face; results are not kept
  cargo xtask bench --accept-instructions    write the baseline of `cargo xtask check --perf`")]
    Bench {
        /// The faces to measure; all by default.
        #[arg(value_name = "FACE", value_parser = PossibleValuesParser::new(bench::names()))]
        faces: Vec<String>,
        /// One round with few calls, to see whether everything runs.
        #[arg(long)]
        quick: bool,
        /// Rounds of the contenders, instead of the usual number.
        #[arg(long, value_name = "N", conflicts_with = "quick")]
        rounds: Option<std::num::NonZeroUsize>,
        /// Measure nothing; count instructions and save them as the baseline.
        #[arg(long, conflicts_with_all = ["faces", "quick", "rounds"])]
        accept_instructions: bool,
    },
    /// Build the packages that users install, in `dist/`, and test them.
    #[command(after_help = "Examples:
  cargo xtask dist           everything
  cargo xtask dist c         libkoophone as a tarball with headers, pkg-config and CMake files, licence and examples
  cargo xtask dist python    the wheel and the sdist
  cargo xtask dist node      the npm packages
  cargo xtask dist command   the `koophone` command as a tarball
  cargo xtask dist --target x86_64-pc-windows-gnu   everything for Windows
  cargo xtask dist command --target aarch64-unknown-linux-musl   the command for any Linux on ARM64")]
    Dist {
        /// What to build; all by default.
        #[arg(value_name = "FACE", value_parser = PossibleValuesParser::new(dist::names()))]
        faces: Vec<String>,
        /// Another system to build for; may be repeated. Builds what can be built for it on this machine.
        #[arg(long = "target", value_name = "TRIPLE", value_parser = PossibleValuesParser::new(target::names()))]
        targets: Vec<String>,
    },
    /// Do everything that a release does except the uploads, and report what could not be done on this machine.
    ///
    /// Checks versions, changelog and tag, the packages in `dist/` and their hashes, and whether PyPI, npm and
    /// crates.io would accept them; renders the recipes of packaging/ and tests them. Exits with 1 if a step fails,
    /// or a named one could not run.
    #[command(after_help = "Examples:
  cargo xtask release --dry-run            with the packages that are in dist/
  cargo xtask release --dry-run --build    makes those that are missing; half an hour
  cargo xtask release --dry-run tag conan  two of its steps")]
    Release {
        /// The steps to run; all by default.
        #[arg(value_name = "STEP", value_parser = PossibleValuesParser::new(release::names()))]
        steps: Vec<String>,
        /// Upload nothing. Required, because only the hosted workflow uploads.
        #[arg(long, required = true)]
        dry_run: bool,
        /// Build the packages that are missing.
        #[arg(long)]
        build: bool,
    },
    /// Build the guide and the API references into `target/site`; warnings and dead links are errors.
    #[command(after_help = "Examples:
  cargo xtask docs               the guide and every reference
  cargo xtask docs rust python   the guide and two of them")]
    Docs {
        /// The references to build; all by default.
        #[arg(value_name = "LANGUAGE", value_parser = PossibleValuesParser::new(docs::names()))]
        languages: Vec<String>,
    },
    /// Write include/koophone.h and the other generated files of C and C++: a part of `generate`.
    Header {
        /// Write nothing; exit with 1 if anything differs.
        #[arg(long)]
        check: bool,
    },
    /// Make 100,000 calls under faults, and check memory, threads and journals.
    Soak,
    /// Fuzz a parser, or the entry points of libkoophone, with libFuzzer. Findings are written to target/fuzz/findings.
    #[command(after_help = "Examples:
  cargo xtask fuzz response --minutes 60     the response decoder, for an hour
  cargo xtask fuzz c_strings --minutes 60    the C functions that take texts, for an hour")]
    Fuzz {
        /// The fuzz target.
        #[arg(value_name = "TARGET", value_parser = PossibleValuesParser::new(fuzz::TARGETS))]
        target: String,
        /// Duration in minutes.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
        minutes: u64,
    },
    /// Write the generated files of the bindings, documents and suites.
    #[command(after_help = "Examples:
  cargo xtask generate            write the files that differ, and list them
  cargo xtask generate --check    list the files that differ, write nothing; exits with 1 if there are any")]
    Generate {
        /// Write nothing; exit with 1 if anything differs.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode, String> {
    let repository = Repository::find()?;
    Ok(match verb {
        Verb::Check { list: true, .. } => {
            check::list();
            ExitCode::SUCCESS
        }
        Verb::Check { perf: true, .. } => check::run_perf(&repository),
        Verb::Check { steps, .. } => check::run(&repository, &steps),
        Verb::Test { list: true, .. } => {
            test::list();
            ExitCode::SUCCESS
        }
        Verb::Test { suites, everywhere, .. } => test::run(&repository, &suites, everywhere),
        Verb::Demo { live: true, phones } => demo::run_live(&repository, &phones),
        Verb::Demo { .. } => demo::run(&repository),
        Verb::Bench { accept_instructions: true, .. } => {
            bench::accept_instructions(&repository)?;
            ExitCode::SUCCESS
        }
        Verb::Bench { faces, quick, rounds, .. } => {
            bench::run(&repository, &faces, quick, rounds.map(usize::from))?;
            ExitCode::SUCCESS
        }
        Verb::Matrix => {
            test::write_fault_matrix(&repository)?;
            ExitCode::SUCCESS
        }
        Verb::Dist { faces, targets } => {
            dist::run(&repository, &faces, &targets)?;
            ExitCode::SUCCESS
        }
        Verb::Release { steps, build, .. } => release::dry_run(&repository, &steps, build)?,
        Verb::Docs { languages } => {
            docs::run(&repository, &languages)?;
            ExitCode::SUCCESS
        }
        Verb::Soak => {
            test::soak(&repository)?;
            ExitCode::SUCCESS
        }
        Verb::Fuzz { target, minutes } => {
            fuzz::run(&repository, &target, std::time::Duration::from_secs(60 * minutes))?;
            ExitCode::SUCCESS
        }
        Verb::Header { check } => {
            report_differences(&generate::run_these(&repository.root, generate::C, check)?, check)?
        }
        Verb::Generate { check } => report_differences(&generate::run(&repository.root, check)?, check)?,
    })
}

/// Prints which generated files differed.
fn report_differences(differing: &[String], check: bool) -> Result<ExitCode, String> {
    for path in differing {
        println!("{} {path}", if check { "differs:" } else { "wrote" });
    }
    if check && !differing.is_empty() {
        return Err("run `cargo xtask generate` and commit what it writes".to_owned());
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn only_existing_steps_and_suites_are_accepted() {
        assert!(Arguments::try_parse_from(["xtask", "check", "fmt", "docs"]).is_ok());
        assert!(Arguments::try_parse_from(["xtask", "check", "nothing"]).is_err());
        assert!(Arguments::try_parse_from(["xtask", "test", "rust"]).is_ok());
        assert!(Arguments::try_parse_from(["xtask", "test", "cobol"]).is_err());
    }
}
