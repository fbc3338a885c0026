//! The factory image of a phone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::options::Options;
use crate::phone::apps::Package;
use crate::phone::files::{Files, absolute};
use crate::phone::{Process, UserData};

/// 2009-01-01, the date of the files in images of Android.
pub(crate) const IMAGE_TIME_MS: i64 = 1_230_768_000_000;

const PROPERTIES: [(&str, &str); 27] = [
    ("dalvik.vm.heapsize", "512m"),
    ("dev.bootcomplete", "1"),
    ("init.svc.adbd", "running"),
    ("init.svc.surfaceflinger", "running"),
    ("init.svc.zygote", "running"),
    ("net.hostname", "koophone"),
    ("persist.sys.language", "zh"),
    ("persist.sys.timezone", "UTC"),
    ("ro.board.platform", "kunpeng"),
    ("ro.boot.hardware", "koophone"),
    ("ro.build.characteristics", "default"),
    ("ro.build.display.id", "KooPhone emulator"),
    ("ro.build.id", "RQ3A.210805.001"),
    ("ro.build.type", "user"),
    ("ro.build.version.codename", "REL"),
    ("ro.build.version.release", "11"),
    ("ro.build.version.sdk", "30"),
    ("ro.debuggable", "0"),
    ("ro.product.brand", "HUAWEI"),
    ("ro.product.cpu.abi", "arm64-v8a"),
    ("ro.product.device", "koophone"),
    ("ro.product.manufacturer", "HUAWEI"),
    ("ro.product.model", "KooPhone"),
    ("ro.product.name", "koophone"),
    ("ro.secure", "1"),
    ("ro.sf.lcd_density", "320"),
    ("sys.boot_completed", "1"),
];

const DIRECTORIES: [&str; 24] = [
    "/acct",
    "/cache",
    "/data/app",
    "/data/data",
    "/data/local/tmp",
    "/dev",
    "/mnt",
    "/proc",
    "/sdcard/Alarms",
    "/sdcard/Android/data",
    "/sdcard/DCIM",
    "/sdcard/Download",
    "/sdcard/Movies",
    "/sdcard/Music",
    "/sdcard/Notifications",
    "/sdcard/Pictures",
    "/sdcard/Podcasts",
    "/sdcard/Ringtones",
    "/storage",
    "/sys",
    "/system/etc",
    "/system/fonts",
    "/system/framework",
    "/vendor/lib64",
];

const FILES: [(&str, &str); 8] = [
    ("/proc/version", "Linux version 4.19.36-emulator (koophone) #1 SMP PREEMPT Thu Jan 1 00:00:00 UTC 2026\n"),
    ("/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 200.00\nCPU architecture: 8\n"),
    ("/proc/meminfo", "MemTotal:        4046140 kB\nMemFree:         2103396 kB\nMemAvailable:    2918244 kB\n"),
    // What the examples of the documentation install.
    ("/sdcard/game.apk", "PK"),
    ("/system/bin/sh", "\x7fELF"),
    ("/system/build.prop", "ro.build.version.release=11\nro.build.version.sdk=30\nro.product.model=KooPhone\n"),
    ("/system/etc/hosts", "127.0.0.1       localhost\n::1             ip6-localhost\n"),
    ("/system/framework/framework-res.apk", "PK"),
];

/// Name and label.
const SYSTEM_PACKAGES: [(&str, &str); 6] = [
    ("android", "Android System"),
    ("com.android.launcher3", "Launcher"),
    ("com.android.providers.settings", "Settings Storage"),
    ("com.android.settings", "Settings"),
    ("com.android.shell", "Shell"),
    ("com.android.systemui", "System UI"),
];

const PROCESSES: [(u32, &str, &str); 8] = [
    (1, "root", "init"),
    (101, "logd", "logd"),
    (140, "system", "surfaceflinger"),
    (152, "root", "zygote64"),
    (160, "shell", "adbd"),
    (410, "system", "system_server"),
    (620, "u0_a10", "com.android.systemui"),
    (702, "u0_a12", "com.android.launcher3"),
];

const SETTINGS: [(&str, &str, &str); 6] = [
    ("global", "adb_enabled", "1"),
    ("global", "airplane_mode_on", "0"),
    ("global", "device_provisioned", "1"),
    ("secure", "default_input_method", "com.android.inputmethod.latin/.LatinIME"),
    ("system", "screen_brightness", "102"),
    ("system", "screen_off_timeout", "60000"),
];

/// What is on the screen if no application is.
pub(crate) const LAUNCHER: &str = "com.android.launcher3/com.android.launcher3.Launcher";

/// The factory image, with the files and properties the options add.
pub(crate) fn image(options: &Options) -> UserData {
    let mut files = Files::new(IMAGE_TIME_MS);
    for path in DIRECTORIES {
        files.install(path, None, IMAGE_TIME_MS);
    }
    for (path, text) in FILES {
        files.install(path, Some(text.as_bytes()), IMAGE_TIME_MS);
    }
    let mut packages = BTreeMap::new();
    for (name, label) in SYSTEM_PACKAGES {
        let path = if name == "android" {
            "/system/framework/framework-res.apk".to_owned()
        } else {
            format!("/system/app/{name}/{name}.apk")
        };
        files.install(&path, Some(b"PK"), IMAGE_TIME_MS);
        let (label, version) = (label.to_owned(), "11".to_owned());
        packages.insert(name.to_owned(), Package { path, label, version, system: true });
    }
    for (path, text) in &options.files {
        files.install(&absolute("/", path), Some(text.as_bytes()), IMAGE_TIME_MS);
    }
    let mut properties: BTreeMap<String, String> =
        PROPERTIES.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    properties.extend(options.properties.clone());
    let settings = SETTINGS
        .iter()
        .map(|(space, key, value)| (((*space).to_owned(), (*key).to_owned()), (*value).to_owned()))
        .collect();
    let processes = PROCESSES
        .iter()
        .map(|(pid, user, name)| Process {
            pid: *pid,
            user: (*user).to_owned(),
            name: (*name).to_owned(),
            ends_ms: None,
        })
        .collect();
    UserData {
        files: Arc::new(files),
        properties: Arc::new(properties),
        settings: Arc::new(settings),
        packages: Arc::new(packages),
        processes: Arc::new(processes),
        next_pid: 1000,
        focus: Some(LAUNCHER.to_owned()),
        is_screen_on: true,
        size_override: None,
        density_override: None,
        events: VecDeque::new(),
        log: VecDeque::from(["01-01 00:00:00.000   410   410 I SystemServer: Boot completed".to_owned()]),
        video: BTreeMap::new(),
    }
}
