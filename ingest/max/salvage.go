package maxingest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
)

// decoded is a message as far as it could be understood.
type decoded struct {
	max.Message
	raw json.RawMessage
	odd []string // fields that are not what they should be
}

// decode reads the message of an update. MAX grows faster than any model of it,
// so a field that does not fit is left out and named; it never costs the rest.
func decode(update json.RawMessage) (decoded, bool) {
	var d decoded
	var outer struct {
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(update, &outer) != nil {
		return d, false
	}
	fields := object(outer.Message)
	if fields == nil {
		return d, false
	}
	d.raw = outer.Message
	d.Recipient = lenient[max.Place](&d, "recipient", fields["recipient"])
	d.Timestamp = value[int64](&d, "timestamp", fields["timestamp"])
	d.URL = value[string](&d, "url", fields["url"])
	d.Body = body(&d, "body", fields["body"])
	if present(fields["sender"]) {
		u := lenient[max.User](&d, "sender", fields["sender"])
		d.Sender = &u
	}
	if link := object(fields["link"]); link != nil {
		l := lenient[max.Link](&d, "link", withoutMessage(link))
		if b := body(&d, "link.message", link["message"]); b != nil {
			l.Message = *b
		}
		d.Link = &l
	}
	d.Stat = value[statOf](&d, "stat", fields["stat"])
	return d, true
}

// statOf is the type of Message.Stat.
type statOf = *struct {
	Views int64 `json:"views"`
}

// faults name what was odd, for a person to look at.
func (d *decoded) faults() []domain.Fault {
	var list []domain.Fault
	if !utf8.Valid(d.raw) {
		list = append(list, domain.Fault{Code: domain.FaultInvalidUTF8})
	}
	if len(d.odd) > 0 {
		slices.Sort(d.odd)
		list = append(list, domain.Fault{Code: domain.FaultUnknownShape, Detail: "fields " + strings.Join(d.odd, ", ")})
	}
	return list
}

func object(raw json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	return fields
}

// present reports whether there is a value that is not null.
func present(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

// value decodes one field; what does not fit is the zero value and named.
func value[T any](d *decoded, name string, raw json.RawMessage) (v T) {
	if present(raw) && json.Unmarshal(raw, &v) != nil {
		d.odd = append(d.odd, name)
		var zero T
		return zero
	}
	return v
}

// lenient decodes an object field by field and keeps what fits.
func lenient[T any](d *decoded, name string, raw json.RawMessage) (v T) {
	if json.Unmarshal(raw, &v) == nil {
		return v
	}
	var zero T
	v = zero
	fields := object(raw)
	if fields == nil {
		d.odd = append(d.odd, name)
		return v
	}
	for key, one := range fields {
		alone, err := json.Marshal(map[string]json.RawMessage{key: one})
		if err != nil {
			continue
		}
		var try T
		if json.Unmarshal(alone, &try) != nil {
			d.odd = append(d.odd, name+"."+key)
			continue
		}
		_ = json.Unmarshal(alone, &v) // the same bytes just decoded
	}
	return v
}

// body decodes a message's content; nil when there is none.
func body(d *decoded, name string, raw json.RawMessage) *max.Body {
	if !present(raw) {
		return nil
	}
	b := lenient[max.Body](d, name, raw)
	return &b
}

func withoutMessage(link map[string]json.RawMessage) json.RawMessage {
	rest := map[string]json.RawMessage{}
	for k, v := range link {
		if k != "message" {
			rest[k] = v
		}
	}
	raw, err := json.Marshal(rest)
	if err != nil {
		return nil
	}
	return raw
}
