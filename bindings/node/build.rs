//! What the linker must know about Node on each system; on Linux also `-z nodelete`, since threads outlive a `dlclose`.

fn main() {
    napi_build::setup();
}
