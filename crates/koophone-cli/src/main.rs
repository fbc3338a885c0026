//! The `koophone` command: everything is in the library, which the wheel and the npm package call as well.

use std::process::ExitCode;

fn main() -> ExitCode {
    koophone_cli::run(std::env::args_os()).into()
}
