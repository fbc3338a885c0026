//! What commands print and return.

use super::*;
use crate::options::Options;
use crate::phone::factory;

/// 2026-01-01T00:00:00Z
const NOW: i64 = 1_767_225_600_000;

fn phone() -> Phone {
    Phone::new("phone".to_owned(), 2, false, factory::image(&Options::default()))
}

fn on(phone: &mut Phone, line: &str) -> (i32, String) {
    let finished = run(phone, NOW, line);
    (finished.exit_status, String::from_utf8_lossy(&finished.output).into_owned())
}

/// Runs the lines one after another on one phone.
fn check(lines: &[(&str, i32, &str)]) {
    let mut phone = phone();
    for (line, status, output) in lines {
        assert_eq!(on(&mut phone, line), (*status, (*output).to_owned()), "{line}");
    }
}

#[test]
fn the_shell_itself() {
    check(&[
        ("true", 0, ""),
        ("false", 1, ""),
        (":", 0, ""),
        ("", 0, ""),
        ("exit 3", 3, ""),
        ("exit 256", 0, ""),
        ("exit x", 1, "/system/bin/sh: exit: x: bad number\n"),
        ("foo", 127, "/system/bin/sh: foo: inaccessible or not found\n"),
        ("/system/bin/echo a", 0, "a\n"),
        ("pwd", 0, "/\n"),
        ("cd /sdcard && pwd", 0, "/sdcard\n"),
        ("pwd", 0, "/\n"),
        ("cd /nope", 2, "/system/bin/sh: cd: /nope: No such file or directory\n"),
        ("cd /proc/version", 2, "/system/bin/sh: cd: /proc/version: Not a directory\n"),
        ("echo a; echo b", 0, "a\nb\n"),
        ("false && echo a || echo b", 0, "b\n"),
        ("true && false; echo $?", 0, "1\n"),
        ("! true", 1, ""),
        ("echo 'a  b' \"c  d\" e  f", 0, "a  b c  d e f\n"),
        ("echo a\\ \\$b", 0, "a $b\n"),
        ("X=1; echo $X ${X}2 '$X' \"$X\" ${Y:-no}", 0, "1 12 $X 1 no\n"),
        ("X='a  b'; echo $X; echo \"$X\"", 0, "a b\na  b\n"),
        ("export Z=7; sh -c 'echo $Z'", 0, "7\n"),
        ("A=1 sh -c 'echo $A'; echo [$A]", 0, "1\n[]\n"),
        ("echo $(echo a; echo b) `echo c`", 0, "a b c\n"),
        ("sh -c 'cd /data; exit 4'; echo $? $PWD", 0, "4 /\n"),
        ("sh -c", 1, "/system/bin/sh: -c: requires an argument\n"),
        ("sh /nope.sh", 127, "/system/bin/sh: /nope.sh: No such file or directory\n"),
        ("echo 'echo hi; exit 2' > /sdcard/s.sh; sh /sdcard/s.sh", 2, "hi\n"),
        ("echo 'echo piped' | sh", 0, "piped\n"),
        ("'a", 1, "/system/bin/sh: no closing quote\n"),
        ("echo a &", 1, "/system/bin/sh: syntax error: unexpected '&'\n"),
        ("exit 2; echo never", 2, ""),
        ("exit 2 | cat; echo on", 0, "on\n"),
        ("# nothing", 0, ""),
    ]);
}

#[test]
fn redirections() {
    check(&[
        ("echo one > /sdcard/f; echo two >> /sdcard/f; cat /sdcard/f", 0, "one\ntwo\n"),
        ("cat < /sdcard/f | head -n 1", 0, "one\n"),
        ("ls /nope 2> /sdcard/e; cat /sdcard/e", 0, "ls: /nope: No such file or directory\n"),
        ("ls /nope 2>&1 | wc -l", 0, "1\n"),
        ("ls /nope 2>/dev/null", 1, ""),
        ("echo x >&2", 0, "x\n"),
        ("echo a > /system/x", 1, "/system/bin/sh: can't create /system/x: Read-only file system\n"),
        ("echo a > /sdcard", 1, "/system/bin/sh: can't create /sdcard: Is a directory\n"),
        ("cat < /nope", 1, "/system/bin/sh: can't open /nope: No such file or directory\n"),
        ("> /sdcard/empty; test -f /sdcard/empty", 0, ""),
        ("cd /data; echo a > b; cat /data/b", 0, "a\n"),
    ]);
}

#[test]
fn files() {
    check(&[
        ("ls /", 0, "acct\ncache\ndata\ndev\nmnt\nproc\nsdcard\nstorage\nsys\nsystem\nvendor\n"),
        ("ls /nope", 1, "ls: /nope: No such file or directory\n"),
        ("ls /proc/version/x", 1, "ls: /proc/version/x: Not a directory\n"),
        ("mkdir /sdcard/a", 0, ""),
        ("mkdir /sdcard/a", 1, "mkdir: cannot create directory '/sdcard/a': File exists\n"),
        ("mkdir /sdcard/x/y", 1, "mkdir: cannot create directory '/sdcard/x/y': No such file or directory\n"),
        ("mkdir -p /sdcard/a/b/c", 0, ""),
        ("touch /sdcard/a/f /sdcard/a/.hidden", 0, ""),
        ("ls /sdcard/a", 0, "b\nf\n"),
        ("ls -a /storage/emulated/0/a", 0, ".\n..\n.hidden\nb\nf\n"),
        ("echo hello > /sdcard/a/f", 0, ""),
        (
            "ls -l /sdcard/a",
            0,
            "total 8\ndrwxr-xr-x 2 root root    4096 2026-01-01 00:00 b\n-rw-r--r-- 1 root root       6 2026-01-01 \
                00:00 f\n",
        ),
        ("ls -d /sdcard", 0, "/sdcard\n"),
        ("ls /sdcard/a/f /sdcard/a/b", 0, "/sdcard/a/f\n\n/sdcard/a/b:\nc\n"),
        ("cp /sdcard/a/f /sdcard/g; cat /sdcard/g", 0, "hello\n"),
        ("cp /sdcard/a /sdcard/copy", 1, "cp: Skipped dir '/sdcard/a'\n"),
        ("cp -r /sdcard/a /sdcard/copy; ls /sdcard/copy", 0, "b\nf\n"),
        (
            "mv /sdcard/g /sdcard/a; ls /sdcard/a/g /sdcard/g",
            1,
            "ls: /sdcard/g: No such file or directory\n/sdcard/a/g\n",
        ),
        ("cp /nope /sdcard", 1, "cp: bad '/nope': No such file or directory\n"),
        ("cp x", 1, "cp: Needs 2 arguments (see \"cp --help\")\n"),
        ("rm /sdcard/a", 1, "rm: /sdcard/a: Is a directory\n"),
        ("rm /nope", 1, "rm: /nope: No such file or directory\n"),
        ("rm -f /nope", 0, ""),
        ("rm", 1, "rm: Needs 1 argument (see \"rm --help\")\n"),
        ("rmdir /sdcard/a", 1, "rmdir: '/sdcard/a': Directory not empty\n"),
        ("rmdir /sdcard/a/b/c", 0, ""),
        ("rm -rf /sdcard/a; ls /sdcard/a", 1, "ls: /sdcard/a: No such file or directory\n"),
        ("rm /system/build.prop", 1, "rm: /system/build.prop: Read-only file system\n"),
        ("touch /system/x", 1, "touch: '/system/x': Read-only file system\n"),
        ("cat /nope", 1, "cat: /nope: No such file or directory\n"),
        ("cat /data", 1, "cat: /data: Is a directory\n"),
        ("echo /system/b*p", 0, "/system/build.prop\n"),
        ("cd /system; ls build.*", 0, "build.prop\n"),
        ("echo /nope*", 0, "/nope*\n"),
        ("echo '/system/*'", 0, "/system/*\n"),
        ("test -d /sdcard && test -e /data && ! test -f /sdcard", 0, ""),
        ("[ -s /proc/version ] && echo yes", 0, "yes\n"),
        ("[ a = a ] && [ a != b ] && [ 3 -lt 10 ] && test -z '' && test -n x", 0, ""),
        ("[ a = b", 2, "/system/bin/sh: [: missing ]\n"),
        ("test a -xx b", 2, "/system/bin/sh: test: bad number 'a'\n"),
    ]);
    let (status, table) = on(&mut phone(), "df");
    assert!(status == 0 && table.starts_with("Filesystem"));
}

#[test]
fn text() {
    check(&[
        ("echo", 0, "\n"),
        ("echo -n a", 0, "a"),
        ("echo -e 'a\\tb'", 0, "a\tb\n"),
        ("printf a", 0, "a"),
        ("printf '%s-%d\\n' a 1 b 2", 0, "a-1\nb-2\n"),
        ("printf '%x %c %%' 255 abc", 0, "ff a %"),
        ("printf %d x", 1, "printf: bad number 'x'\n"),
        ("printf %q x", 1, "printf: bad format '%q'\n"),
        ("printf 'b\\na\\nB\\n' > /sdcard/t; grep b /sdcard/t", 0, "b\n"),
        ("grep -i B /sdcard/t", 0, "b\nB\n"),
        ("grep -v b /sdcard/t | wc -l", 0, "2\n"),
        ("grep -c . /sdcard/t", 1, "0\n"),
        ("grep '^a$' /sdcard/t", 0, "a\n"),
        ("grep zz /sdcard/t", 1, ""),
        ("grep x /nope", 2, "grep: /nope: No such file or directory\n"),
        ("head -n 1 /sdcard/t; tail -1 /sdcard/t", 0, "b\nB\n"),
        ("head -n x /sdcard/t", 1, "head: bad number\n"),
        ("wc /sdcard/t", 0, "3 3 6 /sdcard/t\n"),
        ("getprop | grep ro.build.version.sdk | head -1", 0, "[ro.build.version.sdk]: [30]\n"),
    ]);
}

#[test]
fn properties_and_settings() {
    check(&[
        ("getprop ro.build.version.release", 0, "11\n"),
        ("getprop no.such.property", 0, "\n"),
        ("getprop no.such.property other", 0, "other\n"),
        ("setprop debug.x 5; getprop debug.x", 0, "5\n"),
        ("setprop ro.secure 0", 1, "Failed to set property 'ro.secure' to '0'.\nSee dmesg for error reason.\n"),
        ("setprop a", 1, "setprop: Need 2 arguments (see \"setprop --help\")\n"),
        ("settings get system screen_brightness", 0, "102\n"),
        ("settings get system nope", 0, "null\n"),
        (
            "settings put global x 1; settings get global x; settings list global",
            0,
            "1\nadb_enabled=1\nairplane_mode_on=0\ndevice_provisioned=1\nx=1\n",
        ),
        ("settings delete global x", 0, "Deleted 1 rows\n"),
        ("settings get nope x", 255, "Invalid command or namespace\n"),
        ("wm size", 0, "Physical size: 720x1280\n"),
        ("wm size 100x200; wm size", 0, "Physical size: 720x1280\nOverride size: 100x200\n"),
        ("wm size reset; wm size big", 255, "Error: bad size big\n"),
        ("wm density", 0, "Physical density: 320\n"),
    ]);
}

#[test]
fn input_and_screen() {
    check(&[
        ("input tap 10 20", 0, ""),
        ("input touchscreen swipe 1 2 3 4 500", 0, ""),
        ("input text hello", 0, ""),
        ("input keyevent 4 KEYCODE_HOME", 0, ""),
        ("input tap 10", 255, "Error: Invalid arguments for command: tap\n"),
        ("input tap a b", 255, "Error: Invalid arguments for command: tap\n"),
        ("input jump", 255, "Error: Unknown command: jump\n"),
        ("screencap -p /nope/x.png", 1, "Error opening file: /nope/x.png (No such file or directory)\n"),
        ("screencap -p /sdcard/x.png; ls /sdcard/x.png", 0, "/sdcard/x.png\n"),
    ]);
    let mut phone = phone();
    on(&mut phone, "sleep 2; input tap 10 20");
    let event = phone.data.events.back().unwrap();
    assert_eq!((event.kind.as_str(), event.arguments.as_slice()), ("tap", &["10".to_owned(), "20".to_owned()][..]));
    assert_eq!(event.time_ms, NOW + 2000);
}

#[test]
fn packages() {
    check(&[
        ("pm list packages -3", 0, ""),
        ("pm list packages settings", 0, "package:com.android.providers.settings\npackage:com.android.settings\n"),
        ("pm path com.android.settings", 0, "package:/system/app/com.android.settings/com.android.settings.apk\n"),
        ("pm path com.a", 1, ""),
        (
            "pm install /sdcard/com.a.apk",
            1,
            "Error: Unable to open file: /sdcard/com.a.apk\nConsider using a file under /data/local/tmp/\n",
        ),
        ("pm install /proc/version", 1, "Failure [INSTALL_PARSE_FAILED_NOT_APK: Failed to parse the file]\n"),
        ("touch /sdcard/com.a.apk; pm install -r /sdcard/com.a.apk", 0, "Success\n"),
        ("pm list packages -3 -f", 0, "package:/data/app/com.a-1/base.apk=com.a\n"),
        ("am start -n com.a/.Main", 0, "Starting: Intent { cmp=com.a/.Main }\n"),
        ("pidof com.a", 0, "1000\n"),
        ("dumpsys window", 0, "WINDOW MANAGER WINDOWS\n  mCurrentFocus=Window{e1 u0 com.a/com.a.Main}\n"),
        ("am force-stop com.a; pidof com.a", 1, ""),
        ("monkey -p com.a 1", 0, "Events injected: 1\n"),
        ("monkey -p com.b 1", 252, "** No activities found to run, monkey aborted.\n"),
        (
            "am start -n com.b/.Main",
            1,
            "Starting: Intent { cmp=com.b/.Main }\nError type 3\nError: Activity class {com.b/com.b.Main} does not \
                exist.\n",
        ),
        (
            "am start -a android.intent.action.VIEW -d http://x",
            0,
            "Starting: Intent { act=android.intent.action.VIEW dat=http://x }\n",
        ),
        ("am start", 1, "Error: Bad component name or missing intent\n"),
        ("am broadcast -a X --es k v", 0, "Broadcasting: Intent { act=X }\nBroadcast completed: result=0\n"),
        ("am dance", 255, "Unknown command: dance\n"),
        ("touch /data/data/com.a/x; pm clear com.a; ls /data/data/com.a", 0, "Success\n"),
        ("pm clear com.b", 1, "Failed\n"),
        ("pm uninstall com.a; pm path com.a", 1, "Success\n"),
        ("pm uninstall com.a", 1, "Failure [DELETE_FAILED_INTERNAL_ERROR]\n"),
        ("pm uninstall com.android.settings", 1, "Failure [DELETE_FAILED_INTERNAL_ERROR]\n"),
        ("cmd package path android", 0, "package:/system/framework/framework-res.apk\n"),
    ]);
}

#[test]
fn processes_and_the_machine() {
    check(&[
        ("id", 0, "uid=0(root) gid=0(root) groups=0(root) context=u:r:su:s0\n"),
        ("whoami", 0, "root\n"),
        ("uname", 0, "Linux\n"),
        ("uname -a", 0, "Linux localhost 4.19.36-emulator #1 SMP PREEMPT aarch64\n"),
        ("date", 0, "Thu Jan  1 00:00:00 UTC 2026\n"),
        ("sleep 61; date +%s:%H:%M:%S", 0, "1767225661:00:01:01\n"),
        ("pidof zygote64", 0, "152\n"),
        ("pidof nope", 1, ""),
        ("kill 152; pidof zygote64", 1, ""),
        ("kill 99999", 1, "/system/bin/sh: kill: 99999: No such process\n"),
        ("kill -9 x", 1, "/system/bin/sh: kill: x: arguments must be jobs or process IDs\n"),
        ("ps -A | grep -c system_server", 0, "1\n"),
        ("ps | wc -l", 0, "3\n"),
        ("log -t Tag hello; logcat -d | tail -n 1", 0, "01-01 00:00:00.000   998   998 I Tag: hello\n"),
        ("logcat -c; logcat -d", 0, "--------- beginning of main\n"),
        ("logcat", 1, "logcat: only -d, -t N, -f FILE and -c are emulated\n"),
        ("dumpsys battery | grep level", 0, "  level: 100\n"),
        ("dumpsys nope", 0, "Can't find service: nope\n"),
    ]);
}

#[test]
fn sleeping_adds_up() {
    let mut phone = phone();
    for (line, milliseconds) in
        [("sleep 1; sleep 0.5", 1500), ("sleep 2m", 120_000), ("sleep 1 | sleep 2", 3000), ("sleep 1h 1s", 3_601_000)]
    {
        assert_eq!(run(&mut phone, NOW, line).duration_ms, milliseconds, "{line}");
    }
    for line in ["sleep", "sleep x", "sleep -1", "sleep 1e3", "sleep inf"] {
        let finished = run(&mut phone, NOW, line);
        assert_eq!((finished.exit_status, finished.duration_ms), (1, 0), "{line}");
    }
    assert!(run(&mut phone, NOW, "sleep 99999999999999999999d; sleep 9d").duration_ms < u64::MAX / 2);
}

#[test]
fn no_line_takes_long_or_much() {
    let mut phone = phone();
    let deep = (0..100).fold("echo x".to_owned(), |line, _| format!("echo $({line})"));
    assert!(on(&mut phone, &deep).1.contains("nested too deeply"));
    on(
        &mut phone,
        "echo 'sh /sdcard/r.sh; sh /sdcard/r.sh; sh /sdcard/r.sh; sh /sdcard/r.sh; sh /sdcard/r.sh' > /sdcard/r.sh",
    );
    assert_eq!(on(&mut phone, "sh /sdcard/r.sh").0, 137);
    on(&mut phone, "echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx > /sdcard/f");
    let double = "cat /sdcard/f /sdcard/f /sdcard/f /sdcard/f > /sdcard/g; mv /sdcard/g /sdcard/f;".repeat(12);
    on(&mut phone, &double);
    assert!(phone.data.files.used() <= 4 * 1024 * 1024);
    on(
        &mut phone,
        "X=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; X=$X$X$X$X$X$X$X$X; X=$X$X$X$X$X$X$X$X; X=$X$X$X$X$X$X$X$X; \
            X=$X$X$X$X$X$X$X$X; X=$X$X$X$X$X$X$X$X; X=$X$X$X$X$X$X$X$X; X=$X$X$X$X$X$X$X$X; X=$X$X$X$X$X$X$X$X; \
            X=$X$X$X$X$X$X$X$X; echo $X",
    );
}

#[test]
fn the_picture_is_a_png() {
    let mut phone = phone();
    let picture = run(&mut phone, NOW, "screencap").output;
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.ends_with(b"IEND\xaeB\x60\x82"));
}

/// Random lines of what the parser and the commands look for: none may panic or take long.
#[test]
fn random_lines_do_no_harm() {
    let pieces: Vec<&str> = "ls cat cp mv mkdir rm rmdir touch df echo printf grep head tail wc am pm input getprop \
        setprop settings wm screencap logcat log dumpsys ps kill pidof date uname test [ ] sh -c -l -a -rf -p -n -e \
        -d -t -- - / /sdcard /sdcard/x .. . * ? $X $? ${ } $( ) ` ' \" \\ | || && ; > >> 2>&1 < = X=1 é%s%d%x%c% \
        +%Q%s%- 99999999999999999999"
        .split(' ')
        .filter(|piece| !piece.is_empty())
        .collect();
    let mut generator = crate::ids::Generator::new(1, 1);
    let mut phone = phone();
    for round in 0..20_000 {
        let mut line = String::new();
        for _ in 0..generator.below(12) {
            line.push_str(pieces[generator.below(pieces.len())]);
            if generator.below(4) > 0 {
                line.push(' ');
            }
        }
        let finished = run(&mut phone, NOW, &line);
        assert!(finished.output.len() <= 1024 * 1024, "{line}");
        if round % 1000 == 0 {
            phone = self::phone();
        }
    }
}

#[test]
fn a_line_that_moves_too_much_is_killed() {
    let mut phone = phone();
    let big = vec![b'x'; 1 << 20];
    Arc::make_mut(&mut phone.data.files).write("/f", &big, false, NOW).unwrap();
    let pipes = "cat f|wc;".repeat(2000);
    let names = format!("wc{}", " f".repeat(500));
    for line in [pipes.as_str(), &names, &"echo x>>f;".repeat(2000)] {
        let finished = run(&mut phone, NOW, line);
        assert_eq!(finished.exit_status, 137, "{}", &line[..20]);
        assert!(finished.output.ends_with(b"Killed\n"));
    }
    assert_eq!(run(&mut phone, NOW, "cat f|wc -c").output, b"1048576\n", "each line has its own budget");
}

#[test]
fn bytes() {
    check(&[
        ("printf abc > /sdcard/b; xxd -p /sdcard/b", 0, "616263\n"),
        ("xxd -p -s 1 -l 1 /sdcard/b", 0, "62\n"),
        ("xxd -p -s 9 -l 1 /sdcard/b", 0, ""),
        ("xxd -p -s x /sdcard/b", 1, "xxd: not integer: x\n"),
        ("xxd -p /sdcard/none", 1, "xxd: /sdcard/none: No such file or directory\n"),
        ("xxd -p /sdcard", 1, "xxd: read: Is a directory\n"),
        // A whole line ends with a space.
        (
            "printf 012345678901234567890123456789a > /sdcard/l; xxd -p /sdcard/l",
            0,
            "303132333435363738393031323334353637383930313233343536373839 \n61\n",
        ),
        ("wc -c /sdcard/b", 0, "3 /sdcard/b\n"),
        ("sha256sum /sdcard/b", 0, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  /sdcard/b\n"),
        ("sha256sum /sdcard/none", 1, "sha256sum: /sdcard/none: No such file or directory\n"),
        ("log -t Game one; log -t Game two; logcat -d -t 1 -f /sdcard/log; logcat -d -t 1 -f /sdcard/log", 0, ""),
        ("grep -c Game /sdcard/log; grep -c beginning /sdcard/log", 0, "2\n2\n"),
    ]);
}

#[test]
fn a_boot_has_its_own_evidence_and_takes_its_time() {
    let mut phone = phone();
    let (_, first) = on(&mut phone, "getprop ro.boottime.init");
    assert_eq!(on(&mut phone, "getprop sys.boot_completed"), (0, "1\n".to_owned()));
    phone.faults.boot_ms = 5000;
    phone.begin_boot(NOW);
    assert_eq!(on(&mut phone, "getprop sys.boot_completed"), (0, "\n".to_owned()));
    assert_eq!(on(&mut phone, "pm list packages"), (20, "cmd: Can't find service: pm\n".to_owned()));
    assert_ne!(on(&mut phone, "getprop ro.boottime.init").1, first);
    phone.begin_boot(NOW - 5000);
    assert_eq!(on(&mut phone, "getprop sys.boot_completed"), (0, "1\n".to_owned()));
    let (_, second) = on(&mut phone, "getprop ro.boottime.init");
    phone.begin_boot(NOW - 5000);
    assert_ne!(on(&mut phone, "getprop ro.boottime.init").1, second, "another boot at the same moment");
    phone.faults.not_booted = true;
    assert_eq!(on(&mut phone, "getprop dev.bootcomplete"), (0, "\n".to_owned()));
}

#[test]
fn phones_misbehave_as_set() {
    let mut phone = phone();
    phone.faults.crash_after_ms = Some(3000);
    on(&mut phone, "am start -n com.android.settings/.Main");
    let at = |phone: &mut Phone, ms: i64| run(phone, NOW + ms, "pidof com.android.settings").exit_status;
    assert_eq!((at(&mut phone, 2999), at(&mut phone, 3000)), (0, 1));
    assert_eq!(phone.data.focus.as_deref(), Some(factory::LAUNCHER));
    assert_eq!(phone.data.events.back().unwrap().kind, "crash");
    phone.faults.dialog = Some("Application Not Responding: com.android.systemui".to_owned());
    assert!(
        on(&mut phone, "dumpsys window displays").1.contains("u0 Application Not Responding: com.android.systemui}")
    );
    phone.faults.noise_bytes = 2000;
    let (_, output) = on(&mut phone, "echo x");
    assert!(output.len() == 2002 && output.starts_with("WARNING: linker") && output.ends_with("x\n"), "{output}");
}
