//! Fails the build when include/verifysms.h is not what the source of the C functions says.

fn main() {
    #[cfg(feature = "capi")]
    header::check();
}

#[cfg(feature = "capi")]
mod header {
    use std::{env, fs};

    const HEADER: &str = "include/verifysms.h";
    const SETTINGS: &str = "cbindgen.toml";
    /// In the order of the header.
    const SOURCES: [&str; 5] = [
        "src/capi/codes.rs",
        "src/capi/config.rs",
        "src/capi/client.rs",
        "src/capi/result.rs",
        "src/capi/text.rs",
    ];
    /// When set, the header is written instead.
    const WRITE: &str = "VERIFYSMS_WRITE_HEADER";

    pub(super) fn check() {
        println!("cargo::rerun-if-env-changed={WRITE}");
        for input in SOURCES.iter().chain([&HEADER, &SETTINGS]) {
            println!("cargo::rerun-if-changed={input}");
        }
        let mut settings = cbindgen::Config::from_file(SETTINGS).expect("the settings can be read");
        let version = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
        settings.header = settings.header.map(|text| text.replace("@version@", &version));
        let builder = cbindgen::Builder::new().with_config(settings);
        let builder = SOURCES.iter().fold(builder, |builder, source| builder.with_src(source));
        let mut generated = Vec::new();
        builder.generate().expect("the sources can be read").write(&mut generated);
        if env::var_os(WRITE).is_some() {
            fs::write(HEADER, generated).expect("the header can be written");
        } else if fs::read(HEADER).ok() != Some(generated) {
            panic!("{HEADER} is not what the source says; `make header` makes it anew");
        }
    }
}
