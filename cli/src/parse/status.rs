use tidings_api::DeliveryStatus;

/// Reads how far a delivery is, in any case and with `-` for the space: `delivery-failure`.
pub(crate) fn status(text: &str) -> Result<DeliveryStatus, String> {
    text.to_uppercase().replace(['-', '_'], " ").parse().map_err(|_| {
        let known = DeliveryStatus::ALL.map(|status| status.as_str().to_lowercase()).join(", ");
        format!("no status; known: {}", known.replace(' ', "-").replace(",-", ", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_people_and_as_the_bus_write_it() {
        for text in ["DELIVERY FAILURE", "delivery-failure", "Delivery_Failure"] {
            assert_eq!(status(text), Ok(DeliveryStatus::DeliveryFailure), "{text}");
        }
        for known in DeliveryStatus::ALL {
            assert_eq!(status(known.as_str()), Ok(known));
        }
        let error = status("lost").unwrap_err();
        assert!(error.contains("scheduled, ") && error.contains("inactive-device"), "{error}");
    }
}
