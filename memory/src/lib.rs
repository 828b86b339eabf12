//! What the resident programs, the daemon and the tray, do to stay small while they wait.

use std::fs;

/// One arena instead of one a thread: the few threads allocate little, and what they free is found again.
/// To be called before any other thread runs.
pub fn keep_small() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt only sets a parameter of the allocator; no other thread is running yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives back what only the work before now has needed: free heap, and the pages of the program's own code. They
/// stay in the system's cache, and what is needed again is mapped again by the next use.
pub fn rest() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim only returns pages of the allocator that are free.
    unsafe {
        libc::malloc_trim(0);
    }
    // Without /proc there is nothing to find the code by, and the pages stay: that costs memory and no more.
    let Ok(program) = fs::read_link("/proc/self/exe") else { return };
    let Ok(mappings) = fs::read_to_string("/proc/self/maps") else { return };
    for code in mappings.lines().filter_map(|line| code_of(&program.to_string_lossy(), line)) {
        // SAFETY: the range is a mapping of this program's file that the kernel has just named, executable and not
        // writable, so no page of it differs from the file: dropping the pages changes no byte of the memory.
        unsafe {
            libc::madvise(code.start as *mut libc::c_void, code.length, libc::MADV_DONTNEED);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: usize,
    length: usize,
}

/// The range of a line of `/proc/self/maps` (proc(5)) that is code of `program`. Constants are left alone: the
/// linker's relocations are among them, and those differ from the file.
fn code_of(program: &str, line: &str) -> Option<Range> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let code = fields.next()? == "r-xp" && line.ends_with(program);
    let start = usize::from_str_radix(start, 16).ok()?;
    let length = usize::from_str_radix(end, 16).ok()?.checked_sub(start)?;
    code.then_some(Range { start, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "/usr/bin/tidingsd";

    #[test]
    fn only_the_programs_code_is_given_back() {
        let line = |rights: &str, file: &str| {
            format!("55d0c000-55d0f000 {rights} 00001000 fe:00 1234                 {file}")
        };
        let code = Range { start: 0x55d0_c000, length: 0x3000 };
        assert_eq!(code_of(PROGRAM, &line("r-xp", PROGRAM)), Some(code));
        assert_eq!(
            code_of(PROGRAM, &line("r--p", PROGRAM)),
            None,
            "relocated constants differ from the file"
        );
        assert_eq!(code_of(PROGRAM, &line("rw-p", PROGRAM)), None, "data is not the file's");
        assert_eq!(code_of(PROGRAM, &line("r-xp", "/usr/lib/libc.so.6")), None);
        assert_eq!(code_of(PROGRAM, "nonsense"), None);
    }

    #[test]
    fn the_program_runs_on_after_a_rest() {
        let before = fs::read_to_string("/proc/self/cmdline").unwrap();
        rest();
        assert_eq!(fs::read_to_string("/proc/self/cmdline").unwrap(), before);
    }
}
