//! Building the C and C++ programs of `tests/` with CMake against a staged library.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::dist;
use crate::process::{command, stream};
use crate::repository::Repository;

/// Which compiler builds the programs.
#[derive(Clone, Copy)]
pub enum Compiler {
    Gcc,
    Clang,
}

impl Compiler {
    /// Its name, and its C and C++ compilers.
    pub fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Gcc => ("gcc", "gcc", "g++"),
            Self::Clang => ("clang", "clang", "clang++"),
        }
    }
}

/// A folder with built programs.
pub struct Build {
    folder: PathBuf,
}

impl Build {
    /// The tests, against a library with panic injection. `flags` go to compiler and linker.
    pub fn tests(repository: &Repository, compiler: Compiler, flags: &[&str]) -> Result<Self, String> {
        let library = stage(repository, "tests", &["panic-injection"])?;
        Self::make(repository, &library, compiler, "TESTS", flags)
    }

    /// The examples in `examples/`, which are separate projects, against the library as it is shipped.
    pub fn examples(repository: &Repository, language: &str) -> Result<Self, String> {
        let library = stage(repository, "library", &[])?;
        let folder = work(repository)?.join(format!("examples-{language}"));
        let prefix = [format!("-DCMAKE_PREFIX_PATH={}", library.display())];
        cmake(&repository.root.join("examples").join(language), &folder, &prefix)?;
        Ok(Self { folder })
    }

    /// The conformance runners, against the library as it is shipped. `flags` go to compiler and linker.
    pub fn runners(repository: &Repository, flags: &[&str]) -> Result<Self, String> {
        let library = stage(repository, "library", &[])?;
        Self::make(repository, &library, Compiler::Gcc, "RUNNERS", flags)
    }

    /// What koophone-torture drives, against the library as it is shipped.
    pub fn torture(repository: &Repository) -> Result<Self, String> {
        let library = stage(repository, "library", &[])?;
        Self::make(repository, &library, Compiler::Gcc, "TORTURE", &[])
    }

    fn make(
        repository: &Repository,
        library: &Path,
        compiler: Compiler,
        what: &str,
        flags: &[&str],
    ) -> Result<Self, String> {
        let (name, c, cpp) = compiler.names();
        let folder = work(repository)?.join(format!("build-{}-{name}{}", what.to_lowercase(), flags.concat()));
        let options = [
            format!("-DCMAKE_PREFIX_PATH={}", library.display()),
            format!("-DCMAKE_C_COMPILER={c}"),
            format!("-DCMAKE_CXX_COMPILER={cpp}"),
            format!("-DCMAKE_C_FLAGS={}", flags.join(" ")),
            format!("-DCMAKE_CXX_FLAGS={}", flags.join(" ")),
            format!("-DKOOPHONE_{what}=ON"),
        ];
        cmake(&repository.root.join("tests/c"), &folder, &options)?;
        Ok(Self { folder })
    }

    /// The path of a program.
    pub fn program(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }
}

/// The library laid out as it is shipped, in a folder for tests; once per run.
pub fn stage(repository: &Repository, name: &'static str, features: &[&str]) -> Result<PathBuf, String> {
    static STAGED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let folder = work(repository)?.join(name);
    let mut staged = STAGED.lock().map_err(|_| "a build panicked".to_owned())?;
    if !staged.contains(&name) {
        dist::c::stage(repository, "dev", features, &folder)?;
        staged.push(name);
    }
    Ok(folder)
}

/// The folder for everything that these suites build.
pub fn work(repository: &Repository) -> Result<PathBuf, String> {
    Ok(repository.metadata()?.target_directory.as_std_path().join("c"))
}

/// Configures and builds a CMake project.
pub fn cmake(source: &Path, folder: &Path, options: &[String]) -> Result<(), String> {
    let mut configure = command("cmake", &["--log-level=WARNING", "-S"], source);
    configure.arg(source).arg("-B").arg(folder).args(options);
    stream(&mut configure)?;
    let mut build = command("cmake", &["--build"], source);
    build.arg(folder).args(["--parallel", "2"]);
    stream(&mut build)
}
