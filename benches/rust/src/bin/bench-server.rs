//! The server of `cargo xtask bench`: prints its address, and answers until it is ended.

fn main() -> std::io::Result<()> {
    koophone_bench::server::serve(|address| println!("http://{address}"))
}
