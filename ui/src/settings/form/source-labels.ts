/** Names and explanations of the fields and kinds of sources. */

import { m } from "../../generated/messages/messages";
import type { Words } from "./labels";

export const sourceLabels: Words = {
  url: m.field_url,
  timezone: m.field_timezone,
  "auth.mode": m.field_auth_mode,
  "auth.username": m.field_username,
  "auth.login_url": m.field_login_url,
  "auth.scheme": m.field_auth_scheme,
  "auth.header": m.field_auth_header,
  "auth.query": m.field_auth_query,
  "websocket.url": m.field_websocket_url,
  "websocket.origin": m.field_websocket_origin,
  "websocket.subprotocols": m.field_subprotocols,
  "frame.text": m.field_frame_text,
  "list.url": m.field_list_url,
  "list.also": m.field_list_also,
  "list.items": m.field_list_items,
  "list.paging": m.field_list_paging,
  "list.absent_means_read": m.field_absent_read,
  "item.id": m.field_item_id,
  "item.key": m.field_item_key,
  "item.topic": m.field_item_topic,
  "item.title": m.field_item_title,
  "item.body": m.field_item_body,
  "item.url": m.field_item_url,
  "item.urgency": m.field_item_urgency,
  "item.sent": m.field_item_sent,
  "item.read": m.field_item_read,
  "item.unread": m.field_item_unread,
  "identity.url": m.field_identity_url,
  "sync.reconcile_every": m.field_reconcile_every,
};

export const sourceHelps: Words = {
  url: m.field_url_help,
  timezone: m.field_timezone_help,
  "auth.mode": m.field_auth_mode_help,
  "auth.username": m.field_username_help,
  "auth.login_url": m.field_login_url_help,
  "auth.query": m.field_auth_query_help,
  "websocket.url": m.field_websocket_url_help,
  "websocket.origin": m.field_websocket_origin_help,
  "websocket.subprotocols": m.field_subprotocols_help,
  "frame.text": m.field_frame_text_help,
  "list.also": m.field_list_also_help,
  "list.items": m.field_list_items_help,
  "list.paging": m.field_list_paging_help,
  "list.absent_means_read": m.field_absent_read_help,
  "item.key": m.field_item_key_help,
  "item.url": m.field_item_url_help,
  "item.read": m.field_item_read_help,
  "item.unread": m.field_item_unread_help,
  "identity.url": m.field_identity_url_help,
  "sync.reconcile_every": m.field_reconcile_every_help,
  "item.id": m.field_where_help,
  "item.topic": m.field_where_help,
  "item.title": m.field_where_help,
  "item.body": m.field_where_help,
  "item.urgency": m.field_where_help,
  "item.sent": m.field_where_help,
};

export const sourceKinds: Record<string, { title: () => string; description: () => string }> = {
  "json/django-channels": {
    title: m.kind_json_django_channels,
    description: m.kind_json_django_channels_description,
  },
  "json/django-channels-history": {
    title: m.kind_json_django_channels_history,
    description: m.kind_json_django_channels_history_description,
  },
  "json/django-list": {
    title: m.kind_json_django_list,
    description: m.kind_json_django_list_description,
  },
  "json/django-notifications": {
    title: m.kind_json_django_notifications,
    description: m.kind_json_django_notifications_description,
  },
  json: { title: m.kind_json, description: m.kind_json_description },
};
