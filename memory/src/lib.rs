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

/// Gives back what only the work before now has needed: free heap, and the pages of the program's own code and constants.
/// They stay in the system's cache, and what is needed again is mapped again by the next use.
pub fn rest() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim only returns pages of the allocator that are free.
    unsafe {
        libc::malloc_trim(0);
    }
    // Without /proc there is nothing to find the pages by, and they stay: that costs memory and no more.
    let Ok(program) = fs::read_link("/proc/self/exe") else { return };
    let Ok(mappings) = fs::read_to_string("/proc/self/smaps") else { return };
    for range in as_in_the_file(&program.to_string_lossy(), &mappings) {
        // SAFETY: the range is a mapping of this program's file that the kernel has just named. It cannot be written and has
        // no page that differs from the file: dropping the pages changes no byte of the memory.
        unsafe {
            libc::madvise(range.start as *mut libc::c_void, range.length, libc::MADV_DONTNEED);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: usize,
    length: usize,
}

/// The mappings of `program` in the text of `/proc/self/smaps` (proc(5)) that are as in its file and stay so. Constants with
/// addresses in them are not: the linker has filled those in, which makes the pages anonymous ones.
fn as_in_the_file(program: &str, mappings: &str) -> Vec<Range> {
    let mut found = Vec::new();
    let mut current = None;
    for line in mappings.lines() {
        if let Some(anonymous) = line.strip_prefix("Anonymous:") {
            found.extend(current.take().filter(|_| anonymous.trim() == "0 kB"));
        } else if !line.split_whitespace().next().is_some_and(|word| word.ends_with(':')) {
            current = unwritable(program, line);
        }
    }
    found
}

/// The range of a line that begins a mapping, if it is the program's and cannot be written.
fn unwritable(program: &str, line: &str) -> Option<Range> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let wanted = matches!(fields.next()?, "r-xp" | "r--p") && line.ends_with(program);
    let start = usize::from_str_radix(start, 16).ok()?;
    let length = usize::from_str_radix(end, 16).ok()?.checked_sub(start)?;
    wanted.then_some(Range { start, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "/usr/bin/tidingsd";

    fn mapping(rights: &str, file: &str, anonymous: &str) -> String {
        format!(
            "55d0c000-55d0f000 {rights} 00001000 fe:00 1234                 {file}\n\
             Size:                 12 kB\nAnonymous: {anonymous:>12} kB\nVmFlags: rd ex mr mw me\n"
        )
    }

    #[test]
    fn only_what_is_as_in_the_programs_file_is_given_back() {
        let range = Range { start: 0x55d0_c000, length: 0x3000 };
        let of =
            |rights, file, anonymous| as_in_the_file(PROGRAM, &mapping(rights, file, anonymous));
        assert_eq!(of("r-xp", PROGRAM, "0"), [range], "code");
        assert_eq!(of("r--p", PROGRAM, "0"), [range], "constants");
        assert_eq!(of("r--p", PROGRAM, "4"), [], "relocated constants differ from the file");
        assert_eq!(of("rw-p", PROGRAM, "0"), [], "data may differ at any time");
        assert_eq!(of("r-xp", "/usr/lib/libc.so.6", "0"), [], "libraries are shared by all");
        assert_eq!(as_in_the_file(PROGRAM, "nonsense\nAnonymous: 0 kB"), []);
        let two = mapping("r-xp", PROGRAM, "4") + &mapping("r--p", PROGRAM, "0");
        assert_eq!(as_in_the_file(PROGRAM, &two), [range], "each is judged by its own lines");
    }

    #[test]
    fn the_program_has_what_it_may_give_back() {
        let program = fs::read_link("/proc/self/exe").unwrap();
        let mappings = fs::read_to_string("/proc/self/smaps").unwrap();
        let found = as_in_the_file(&program.to_string_lossy(), &mappings);
        assert!(found.len() > 1, "code and constants of the running program:\n{mappings}");
    }

    #[test]
    fn the_program_runs_on_after_a_rest() {
        let before = fs::read_to_string("/proc/self/cmdline").unwrap();
        rest();
        assert_eq!(fs::read_to_string("/proc/self/cmdline").unwrap(), before);
    }
}
