use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::error::SecretError;

/// Longest secret in bytes; it has to fit into one request header.
pub(super) const MAX_BYTES: usize = 16 * 1024;

/// The first line of what was read, without its line end. Spaces belong to the secret.
pub(super) fn first_line(
    bytes: &Zeroizing<Vec<u8>>,
    origin: impl FnOnce() -> String,
) -> Result<SecretString, SecretError> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let complaint = match std::str::from_utf8(line) {
        Ok("") => "gave an empty first line where the secret should be",
        Ok(text) if text.len() > MAX_BYTES => "gave a first line that is too long for a secret",
        Ok(text) if text.chars().any(char::is_control) => {
            "gave a first line with control characters in it"
        }
        Ok(text) => return Ok(SecretString::from(text)),
        Err(_) => "gave a first line that is not UTF-8",
    };
    Err(SecretError::Unusable { origin: origin(), complaint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    fn read(bytes: &[u8]) -> Result<SecretString, SecretError> {
        first_line(&Zeroizing::new(bytes.to_vec()), || "the test".to_owned())
    }

    #[test]
    fn only_the_first_line_counts_and_its_spaces_stay() {
        for bytes in [&b" a b "[..], b" a b \n", b" a b \r\n", b" a b \nsecond line\n"] {
            assert_eq!(read(bytes).unwrap().expose_secret(), " a b ");
        }
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_repeating_it() {
        for bytes in
            [&b""[..], b"\nhunter2", b"hunter2\xff", b"hunter2\x1b[0m", &[b'h'; MAX_BYTES + 1]]
        {
            let error = read(bytes).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert!(error.to_string().starts_with("the test gave"), "{error}");
            assert!(!error.may_pass());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
        }
    }
}
