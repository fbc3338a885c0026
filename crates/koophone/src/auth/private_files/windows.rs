//! Access lists: a new file or directory is for its owner and the system alone, as mode 0600 and 0700 are on Unix.

use std::ffi::c_void;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::mem::offset_of;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_READ, GENERIC_WRITE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1,
    SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, DACL_SECURITY_INFORMATION, EqualSid, GetAce, GetTokenInformation, INHERIT_ONLY_ACE,
    IsWellKnownSid, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID,
    SetKernelObjectSecurity, TOKEN_QUERY, TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid, WinCreatorOwnerRightsSid,
    WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_READ_DATA, FILE_WRITE_DATA, READ_CONTROL, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

pub const REMEDY: &str = "run icacls on it with /inheritance:r /grant:r %USERNAME%:F";

/// Rights to change a file, or the files of a directory: there the first two are those to create files and directories.
const WRITING: u32 =
    FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL;
/// Rights to read a file, or to replace it.
const READING: u32 = FILE_READ_DATA | GENERIC_READ | DELETE;

pub fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
}

/// No one else can open the file before it has its access list, because it is not shared.
pub fn create(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    open_or_create(options.share_mode(0), path)
}

pub fn open_or_create(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = open(options.access_mode(GENERIC_WRITE | WRITE_DAC), path)?;
    if file.metadata()?.is_symlink() {
        return Err(io::Error::other("it is a link"));
    }
    restrict(&file, "")?;
    Ok(file)
}

/// Like on Unix, an existing directory keeps its access list. What is created in a new one inherits its list.
pub fn make_directory(builder: &mut DirBuilder, path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    builder.create(path)?;
    restrict(&open_directory(path, WRITE_DAC)?, "OICI")
}

pub fn check_directory(path: &Path, _: &Metadata) -> io::Result<()> {
    let demand = "the directory must belong to this user and be writable by no other user (icacls DIRECTORY \
        /inheritance:r /grant:r %USERNAME%:(OI)(CI)F)";
    check(&open_directory(path, READ_CONTROL)?, WRITING, demand)
}

pub fn check_file(file: &File, _: &Metadata) -> io::Result<()> {
    let demand = "the file must belong to this user and be readable by no other user (icacls FILE /inheritance:r \
        /grant:r %USERNAME%:F)";
    check(file, WRITING | READING, demand)
}

fn check(file: &File, forbidden: u32, demand: &'static str) -> io::Result<()> {
    match others_may(file, forbidden)? {
        true => Err(io::Error::new(io::ErrorKind::PermissionDenied, demand)),
        false => Ok(()),
    }
}

fn open_directory(path: &Path, access: u32) -> io::Result<File> {
    OpenOptions::new().access_mode(access).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)
}

/// Replaces the access list by one for the owner and the system. `inherit`: flags for what is created inside.
fn restrict(file: &File, inherit: &str) -> io::Result<()> {
    let user = User::current()?.name()?;
    set_list(file, &format!("D:P(A;{inherit};FA;;;{user})(A;{inherit};FA;;;SY)"))
}

/// `list` is in the language of security descriptors (SDDL).
fn set_list(file: &File, list: &str) -> io::Result<()> {
    let text: Vec<u16> = list.encode_utf16().chain([0]).collect();
    let mut descriptor = Allocated(null_mut());
    // SAFETY: `text` ends with 0, and `descriptor` receives memory that it frees.
    done(unsafe {
        let version = SDDL_REVISION_1;
        ConvertStringSecurityDescriptorToSecurityDescriptorW(text.as_ptr(), version, &mut descriptor.0, null_mut())
    })?;
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: both are valid during the call.
    done(unsafe { SetKernelObjectSecurity(file.as_raw_handle(), what, descriptor.0) })
}

/// Whether the file belongs to another user, or another user has one of these rights.
fn others_may(file: &File, rights: u32) -> io::Result<bool> {
    let (mut owner, mut list, mut descriptor): (PSID, _, _) = (null_mut(), null_mut(), Allocated(null_mut()));
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let (file, free) = (file.as_raw_handle(), &mut descriptor.0);
    // SAFETY: `owner` and `list` point into `descriptor`, which is freed at the end of this function.
    let error =
        unsafe { GetSecurityInfo(file, SE_FILE_OBJECT, what, &mut owner, null_mut(), &mut list, null_mut(), free) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let user = User::current()?;
    // Without a list, everyone has every right.
    if owner.is_null() || !user.trusts(owner) || list.is_null() {
        return Ok(true);
    }
    // SAFETY: the system has filled the list.
    for index in 0..unsafe { (*list).AceCount } {
        let mut entry: *mut c_void = null_mut();
        // SAFETY: the list has an entry with this index.
        done(unsafe { GetAce(list, index.into(), &mut entry) })?;
        // SAFETY: every entry begins with a header.
        let header = unsafe { *entry.cast::<ACE_HEADER>() };
        let is = |kind: u32| u32::from(header.AceType) == kind;
        if u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 || is(ACCESS_DENIED_ACE_TYPE) {
            continue;
        }
        if !is(ACCESS_ALLOWED_ACE_TYPE) {
            return Ok(true); // A conditional right.
        }
        // SAFETY: an entry of this type has a mask, and then the user or group.
        let (mask, holder) = unsafe {
            let mask = (*entry.cast::<ACCESS_ALLOWED_ACE>()).Mask;
            (mask, entry.byte_add(offset_of!(ACCESS_ALLOWED_ACE, SidStart)))
        };
        if mask & rights != 0 && !user.trusts(holder) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The user of this process: a `TOKEN_USER`, which points into the rest of the memory.
struct User(Box<[u64; 32]>);

impl User {
    fn current() -> io::Result<Self> {
        let (mut token, mut user, mut length) = (null_mut(), Self(Box::new([0; 32])), 0);
        // SAFETY: the pseudo handle of this process is always valid.
        done(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) })?;
        // SAFETY: the token was opened, and no one else closes it.
        let token = unsafe { OwnedHandle::from_raw_handle(token) };
        let size = size_of_val(&*user.0) as u32;
        // SAFETY: the memory has that size and the alignment of a pointer.
        done(unsafe {
            GetTokenInformation(token.as_raw_handle(), TokenUser, user.0.as_mut_ptr().cast(), size, &mut length)
        })?;
        Ok(user)
    }

    fn id(&self) -> PSID {
        // SAFETY: the system has filled it.
        unsafe { (*self.0.as_ptr().cast::<TOKEN_USER>()).User.Sid }
    }

    /// As text: S-1-5-21-...
    fn name(&self) -> io::Result<String> {
        let mut text = null_mut();
        // SAFETY: the id is valid as long as `self`.
        done(unsafe { ConvertSidToStringSidW(self.id(), &mut text) })?;
        let _free = Allocated(text.cast());
        // SAFETY: the text ends with 0.
        let letters = (0..).map(|at| unsafe { *text.add(at) }).take_while(|letter| *letter != 0);
        Ok(char::decode_utf16(letters).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }

    /// The system and administrators can read and write everything anyway.
    fn trusts(&self, other: PSID) -> bool {
        let known = [WinLocalSystemSid, WinBuiltinAdministratorsSid, WinCreatorOwnerRightsSid];
        // SAFETY: both ids are valid.
        unsafe { EqualSid(self.id(), other) != 0 || known.iter().any(|kind| IsWellKnownSid(other, *kind) != 0) }
    }
}

/// Memory that the system has allocated.
struct Allocated(PSECURITY_DESCRIPTOR);

impl Drop for Allocated {
    fn drop(&mut self) {
        // SAFETY: it was allocated with LocalAlloc, or is null.
        unsafe { LocalFree(self.0) };
    }
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{check_directory, check_file, create, is_open_to_others, make_directory, open};
    use super::*;

    fn with_list(path: &Path, others: &str) -> File {
        let user = User::current().unwrap().name().unwrap();
        let access = READ_CONTROL | WRITE_DAC;
        set_list(&open_directory(path, access).unwrap(), &format!("D:P(A;;FA;;;{user})(A;;FA;;;SY){others}")).unwrap();
        open_directory(path, READ_CONTROL).unwrap()
    }

    #[test]
    fn a_file_or_directory_that_others_can_read_or_change_is_refused() {
        let directory = std::env::temp_dir().join(format!("koophone-private-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        make_directory(&directory).unwrap();
        let path = directory.join("file");
        drop(create(&path).unwrap());
        check_file(&open(&path).unwrap()).unwrap();
        assert!(!is_open_to_others(&open(&path).unwrap()));
        // Everyone may read; administrators may do anything.
        for (others, refused) in [("(A;;FR;;;WD)", true), ("(A;;FA;;;WD)", true), ("(A;;FA;;;BA)", false)] {
            drop(with_list(&path, others));
            let file = open(&path).unwrap();
            assert_eq!((check_file(&file).is_err(), is_open_to_others(&file)), (refused, refused), "{others}");
        }
        for (others, refused) in [("(A;;FR;;;WD)", false), ("(A;;FA;;;WD)", true)] {
            drop(with_list(&directory, others));
            assert_eq!(check_directory(&directory).is_err(), refused, "{others}");
        }
        fs::remove_dir_all(&directory).unwrap();
    }
}
