//! The server of `cargo xtask bench`: `bench-server CERTIFICATE`. Writes the certificate of its TLS into that file,
//! prints its addresses without TLS, with TLS, and with TLS and a delay, and answers until it is ended.

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
