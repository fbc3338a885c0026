//! The edition of the service's documents, and what it requires.

mod support;

use koophone_emulator::{Edition, Emulator, Quirk};
use serde_json::json;
use support::{Session, send};

fn session(edition: Edition) -> Session {
    Session::new(Emulator::builder().phones(1).edition(edition).manual_clock().start().unwrap())
}

#[test]
fn the_newest_documents_are_the_default_for_every_operation() {
    let session = Session::new(Emulator::builder().phones(1).manual_clock().start().unwrap());
    assert!(session.reset().json()["data"]["task_id"].is_string());
    let token = session.device_token().json()["data"].clone();
    assert!(token["streamingId"].is_string() && token["resource"]["sdk"]["external"]["address_adn"].is_string());
    let page = "/v1/instances/batch-query?page_no=1&page_size=1";
    assert_eq!(session.try_call("GET", page, "").unwrap().json()["data"]["total_count"], 1);
}

#[test]
fn the_2024_age_has_seven_operations_and_no_later_formats() {
    let session = session(Edition::Of2024);
    assert_eq!(session.reset().json(), json!({"error_code": "0", "error_msg": "ok"}));
    let token = session.device_token().json()["data"].clone();
    assert!(token.get("streamingId").is_none() && token["resource"]["sdk"]["external"].get("address_adn").is_none());
    for (method, path) in [("GET", "batch-query?page_no=1&page_size=1"), ("POST", "reboot"), ("GET", "sku?type=0")] {
        let response = session.try_call(method, &format!("/v1/instances/{path}"), "").unwrap();
        assert_eq!((response.status, response.code().as_str()), (404, "APIGW.0101"), "{path}");
    }
}

#[test]
fn a_request_id_is_required_as_in_the_definitions_only_in_strict_mode() {
    let all =
        ["POST /streaming/stop", "GET /batch-query?page_no=1&page_size=1", "POST /batch-query-status", "POST /reboot"];
    let codes = |builder: koophone_emulator::Builder| {
        let session = Session::new(builder.instance_ids(["a"]).manual_clock().start().unwrap());
        let body = json!({"instance_id": "a", "instance_ids": ["a"]}).to_string();
        all.map(|call| {
            let (method, path) = call.split_once(' ').unwrap();
            let headers = [("X-Auth-Token", session.token.as_str())];
            let response = send(session.emulator.endpoint(), method, &format!("/v1/instances{path}"), &headers, &body);
            response.code()
        })
    };
    assert_eq!(codes(Emulator::builder()), ["0"; 4]);
    let refused = "KOOPHONE.API.0002";
    assert_eq!(codes(Emulator::builder().strict()), [refused, refused, "0", "0"]);
    assert_eq!(codes(Emulator::builder().quirk(Quirk::StrictRequestId)), [refused, refused, "0", "0"]);
    assert_eq!(codes(Emulator::builder().quirk(Quirk::RequestIdRequired)), [refused, refused, refused, "0"]);
}

#[test]
fn the_query_may_contain_the_request_id() {
    let session = Session::new(Emulator::builder().strict().start().unwrap());
    let target = "/v1/instances/batch-query?page_no=1&page_size=1&x-request-id=mine";
    let headers = [("X-Auth-Token", session.token.as_str())];
    assert_eq!(send(session.emulator.endpoint(), "GET", target, &headers, "").code(), "0");
    assert_eq!(session.emulator.requests().last().unwrap().x_request_id.as_deref(), Some("mine"));
    let wrong = session.try_call("GET", &format!("{target}&order_by=weather"), "").unwrap();
    assert_eq!(wrong.code(), "KOOPHONE.API.1000", "a strict one knows the fields to sort by");
}

#[test]
fn a_page_is_a_part_of_many_phones() {
    let session = Session::new(Emulator::builder().phones(10_000).start().unwrap());
    let page = |query: &str| {
        let target = format!("/v1/instances/batch-query?page_size=200&{query}");
        let data = session.try_call("GET", &target, "").unwrap().json()["data"].clone();
        assert_eq!(data["total_count"], 10_000, "{query}");
        let ids =
            data["result"].as_array().unwrap().iter().map(|phone| phone["instance_id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let ids = session.ids();
    assert_eq!((page("page_no=1"), page("page_no=50")), (ids[..200].to_vec(), ids[9800..].to_vec()));
    let last: Vec<String> = ids[9600..9800].iter().rev().cloned().collect();
    assert_eq!((page("page_no=2&order=desc"), page("page_no=51")), (last, Vec::new()));
}
