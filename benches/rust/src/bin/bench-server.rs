//! The server of `cargo xtask bench`: `bench-server CERTIFICATE`. Writes its TLS certificate to that file, prints its
//! URLs (without TLS, with TLS, with TLS and a delay), and serves until it is stopped.

fn main() -> std::io::Result<()> {
    let Some(file) = std::env::args_os().nth(1) else {
        eprintln!("usage: bench-server CERTIFICATE");
        std::process::exit(2)
    };
    koophone_bench::server::serve(|listening| {
        std::fs::write(file, &listening.certificate).expect("a file that can be written");
        println!("http://{} https://{} https://{}", listening.plain, listening.tls, listening.slow);
    })
}
