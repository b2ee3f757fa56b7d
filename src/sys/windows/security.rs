//! Owners and permissions: what a file's list of access rights lets others do.
//!
//! Others are all but this user, the system, its administrators, and who stands for the owner.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{
    CloseHandle, GENERIC_ALL, GENERIC_READ, GENERIC_WRITE, LocalFree,
};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, ACL_REVISION, AddAccessAllowedAceEx, DACL_SECURITY_INFORMATION,
    EqualSid, GetAce, GetSidIdentifierAuthority, GetSidSubAuthority, GetTokenInformation,
    INHERIT_ONLY_ACE, InitializeAcl, InitializeSecurityDescriptor, IsWellKnownSid,
    OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSID, SE_DACL_PROTECTED,
    SECURITY_DESCRIPTOR, SetKernelObjectSecurity, SetSecurityDescriptorControl,
    SetSecurityDescriptorDacl, SetSecurityDescriptorOwner, TOKEN_INFORMATION_CLASS, TOKEN_OWNER,
    TOKEN_QUERY, TOKEN_USER, TokenOwner, TokenUser, WinBuiltinAdministratorsSid,
    WinCreatorOwnerRightsSid, WinCreatorOwnerSid, WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_ALL_ACCESS, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_READ_DATA, FILE_WRITE_DATA,
    WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{
    ACCESS_ALLOWED_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_ACE_TYPE, ACCESS_DENIED_ACE_TYPE,
    ACCESS_DENIED_CALLBACK_ACE_TYPE, SECURITY_DESCRIPTOR_REVISION,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThread, OpenProcessToken, OpenThreadToken,
};

use super::checked;
use crate::sys::Access;

/// What changes everything else.
const CONTROL: u32 = GENERIC_ALL | WRITE_DAC | WRITE_OWNER;
const READ: u32 = CONTROL | GENERIC_READ | FILE_READ_DATA;
const WRITE: u32 = CONTROL | GENERIC_WRITE | FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE;
/// Of a folder: it, or what is in it, may be put elsewhere.
const REPLACE: u32 = CONTROL | DELETE | FILE_DELETE_CHILD;

/// A structure of the token of this thread, or else of the process, in memory that is aligned for it. It has pointers
/// into itself.
struct TokenPart(Box<[u64; 32]>);

impl TokenPart {
    fn new(part: TOKEN_INFORMATION_CLASS) -> io::Result<TokenPart> {
        let mut bytes = Box::new([0u64; 32]);
        let (mut token, mut length) = (null_mut(), 0);
        // SAFETY: the pointers are those of live variables with the given size; the token is closed once.
        unsafe {
            // A thread that impersonates a user opens files as that user.
            if OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, 1, &mut token) == 0 {
                checked(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token))?;
            }
            let (pointer, size) = (bytes.as_mut_ptr().cast(), size_of_val(&*bytes) as u32);
            let answer = checked(GetTokenInformation(token, part, pointer, size, &mut length));
            CloseHandle(token);
            answer?;
        }
        Ok(TokenPart(bytes))
    }

    fn sid(&self) -> PSID {
        // SAFETY: both structures begin with the pointer to a SID, which is in the same memory.
        const { assert!(size_of::<TOKEN_OWNER>() <= size_of::<TOKEN_USER>()) };
        unsafe { (*self.0.as_ptr().cast::<TOKEN_OWNER>()).Owner }
    }
}

/// Who this thread is, and to whom its new files belong: to administrators, if it is elevated.
struct Own(TokenPart, TokenPart);

impl Own {
    fn new() -> io::Result<Own> {
        Ok(Own(TokenPart::new(TokenUser)?, TokenPart::new(TokenOwner)?))
    }

    /// # Safety
    /// A pointer to a SID.
    unsafe fn is(&self, sid: PSID) -> bool {
        // SAFETY: the caller's promise.
        [&self.0, &self.1].iter().any(|own| unsafe { EqualSid(own.sid(), sid) } != 0)
    }
}

/// Whether it is the system, a service of it, or an administrator.
///
/// # Safety
/// A pointer to a SID.
unsafe fn is_systems(sid: PSID) -> bool {
    /// "NT SERVICE", as the installer of the system is.
    const SERVICE: u32 = 80;
    const NT: [u8; 6] = [0, 0, 0, 0, 0, 5];
    // SAFETY: the caller's promise. Every SID of this authority has a first part.
    unsafe {
        [WinLocalSystemSid, WinBuiltinAdministratorsSid]
            .iter()
            .any(|&known| IsWellKnownSid(sid, known) != 0)
            || ((*GetSidIdentifierAuthority(sid)).Value == NT
                && *GetSidSubAuthority(sid, 0) == SERVICE)
    }
}

/// Whether it stands for the owner.
///
/// # Safety
/// A pointer to a SID.
unsafe fn is_owners(sid: PSID) -> bool {
    // SAFETY: the caller's promise.
    [WinCreatorOwnerSid, WinCreatorOwnerRightsSid]
        .iter()
        .any(|&known| unsafe { IsWellKnownSid(sid, known) } != 0)
}

/// What the system allocated.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: it is freed once.
        unsafe { LocalFree(self.0) };
    }
}

/// Who may do what with an open file or folder.
pub(super) fn access(file: &File) -> io::Result<Access> {
    let own = Own::new()?;
    let (mut owner, mut list, mut descriptor) = (null_mut(), null_mut(), null_mut());
    let parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    // SAFETY: the pointers are those of live variables. What they then point to is in the descriptor.
    unsafe {
        let file = file.as_raw_handle();
        let (group, audit) = (null_mut(), null_mut());
        failure(GetSecurityInfo(
            file,
            SE_FILE_OBJECT,
            parts,
            &mut owner,
            group,
            &mut list,
            audit,
            &mut descriptor,
        ))?;
        let _descriptor = Local(descriptor);
        let others = others_rights(list, &own);
        Ok(Access {
            is_own: own.is(owner),
            is_systems: is_systems(owner),
            others_read: others & READ != 0,
            others_write: others & WRITE != 0,
            everybody_replaces: others & REPLACE != 0,
        })
    }
}

/// All rights that a list gives to others. What it denies them is not looked at.
///
/// # Safety
/// A pointer to a list, or NULL: everybody may do everything.
unsafe fn others_rights(list: *const ACL, own: &Own) -> u32 {
    // SAFETY: the caller's promise. Every entry begins with the same header, and what allows something has a
    // mask and a SID.
    unsafe {
        let Some(entries) = list.as_ref().map(|list| u32::from(list.AceCount)) else {
            return GENERIC_ALL;
        };
        let mut rights = 0;
        for at in 0..entries {
            let mut entry = null_mut();
            if GetAce(list, at, &mut entry) == 0 {
                return GENERIC_ALL;
            }
            let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
            let header = (*entry).Header;
            let is_inherited_only = u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0;
            if is_inherited_only {
                continue;
            }
            match u32::from(header.AceType) {
                // With and without a condition; the beginning is the same.
                ACCESS_ALLOWED_ACE_TYPE | ACCESS_ALLOWED_CALLBACK_ACE_TYPE => {}
                ACCESS_DENIED_ACE_TYPE | ACCESS_DENIED_CALLBACK_ACE_TYPE => continue,
                _ => return GENERIC_ALL,
            }
            let sid: PSID = (&raw mut (*entry).SidStart).cast();
            if !own.is(sid) && !is_systems(sid) && !is_owners(sid) {
                rights |= (*entry).Mask;
            }
        }
        rights
    }
}

/// Gives a new file, or a new folder and what inherits from it, to this user, and lets nobody else do anything with
/// it.
pub(super) fn make_private(file: &File, inheritance: u32) -> io::Result<()> {
    let own = Own::new()?;
    let mut list = [0u32; 64];
    // SAFETY: all pointers are those of live variables with the given size; the system copies what they are. Not
    // SetSecurityInfo, with which wine keeps what is inherited.
    unsafe {
        let (entries, size) = (list.as_mut_ptr().cast::<ACL>(), size_of_val(&list) as u32);
        checked(InitializeAcl(entries, size, ACL_REVISION))?;
        let user = own.0.sid();
        checked(AddAccessAllowedAceEx(entries, ACL_REVISION, inheritance, FILE_ALL_ACCESS, user))?;
        let mut descriptor: SECURITY_DESCRIPTOR = std::mem::zeroed();
        let descriptor = (&raw mut descriptor).cast();
        checked(InitializeSecurityDescriptor(descriptor, SECURITY_DESCRIPTOR_REVISION))?;
        checked(SetSecurityDescriptorDacl(descriptor, 1, entries, 0))?;
        checked(SetSecurityDescriptorControl(descriptor, SE_DACL_PROTECTED, SE_DACL_PROTECTED))?;
        checked(SetSecurityDescriptorOwner(descriptor, user, 0))?;
        let parts = OWNER_SECURITY_INFORMATION
            | DACL_SECURITY_INFORMATION
            | PROTECTED_DACL_SECURITY_INFORMATION;
        checked(SetKernelObjectSecurity(file.as_raw_handle(), parts, descriptor))
    }
}

/// The error of a function that returns its number.
fn failure(number: u32) -> io::Result<()> {
    if number == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(number as i32)) }
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Security::{
        CreateWellKnownSid, ImpersonateSelf, RevertToSelf, SecurityImpersonation, WinWorldSid,
    };
    use windows_sys::Win32::System::SystemServices::ACCESS_ALLOWED_OBJECT_ACE_TYPE;

    use super::*;

    /// What others may do by a list with one entry of this type, which is about everybody.
    fn rights(kind: u32) -> u32 {
        let (mut list, mut everybody) = ([0u32; 64], [0u32; 16]);
        let own = Own::new().unwrap();
        // SAFETY: all pointers are those of live variables with the given size.
        unsafe {
            let (entries, sid) =
                (list.as_mut_ptr().cast::<ACL>(), everybody.as_mut_ptr().cast::<c_void>());
            let (no_domain, mut size) = (null_mut(), size_of_val(&everybody) as u32);
            checked(CreateWellKnownSid(WinWorldSid, no_domain, sid, &mut size)).unwrap();
            let size = size_of_val(&list) as u32;
            checked(InitializeAcl(entries, size, ACL_REVISION)).unwrap();
            checked(AddAccessAllowedAceEx(entries, ACL_REVISION, 0, FILE_READ_DATA, sid)).unwrap();
            let mut entry = null_mut();
            checked(GetAce(entries, 0, &mut entry)).unwrap();
            (*entry.cast::<ACCESS_ALLOWED_ACE>()).Header.AceType = kind as u8;
            others_rights(entries, &own)
        }
    }

    #[test]
    fn an_entry_of_every_type_that_allows_something_counts() {
        assert_eq!(rights(ACCESS_ALLOWED_ACE_TYPE), FILE_READ_DATA);
        assert_eq!(rights(ACCESS_ALLOWED_CALLBACK_ACE_TYPE), FILE_READ_DATA);
        assert_eq!(rights(ACCESS_ALLOWED_OBJECT_ACE_TYPE), GENERIC_ALL);
        assert_eq!(rights(ACCESS_DENIED_ACE_TYPE), 0);
        assert_eq!(rights(ACCESS_DENIED_CALLBACK_ACE_TYPE), 0);
    }

    #[test]
    fn a_thread_is_who_it_impersonates() {
        let process = Own::new().unwrap();
        // SAFETY: it is this thread's, and reverted at once.
        let thread = unsafe {
            checked(ImpersonateSelf(SecurityImpersonation)).unwrap();
            let thread = Own::new();
            checked(RevertToSelf()).unwrap();
            thread.unwrap()
        };
        // SAFETY: both are alive.
        assert!(unsafe { process.is(thread.0.sid()) });
    }
}
