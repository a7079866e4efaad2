package proof

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// oddity is a bad text or shape, with what must become of it.
type oddity struct {
	name  string
	text  json.RawMessage // as it stands in the platform's JSON
	extra map[string]any  // fields laid over the item
	fault domain.FaultCode
	any   bool   // stored, with a fault or without
	id    string // the post's number when the oddity changes it
	lost  bool   // names no post: counted, not stored
}

// over are the fields the oddity lays over an item.
func (o oddity) over() map[string]any {
	extra := map[string]any{"text": o.text}
	if o.text == nil {
		extra = map[string]any{"text": quoted("Яма на дороге, номер " + o.name)}
	}
	for k, v := range o.extra {
		extra[k] = v
	}
	return extra
}

// quoted is a JSON string.
func quoted(s string) json.RawMessage { return rendered(s) }

// raw is a JSON string with the bytes as they are, broken ones too.
func raw(s string) json.RawMessage { return json.RawMessage(`"` + s + `"`) }

// differentWords are n letters of words none of which repeats.
func differentWords(n int) string {
	var b strings.Builder
	letters := []rune("абвгдежзиклмнопр")
	for i := 0; b.Len() < 2*n; i++ {
		for shift := 20; shift >= 0; shift -= 4 {
			b.WriteRune(letters[i>>shift&15])
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func oddTexts() []oddity {
	return []oddity{
		{name: "empty", text: quoted("")},
		{name: "spaces", text: quoted(" \t\r\n\u00a0\u200b\ufeff")},
		{name: "emoji only", text: quoted("🔥🔥🔥😡👨‍👩‍👧‍👦🇷🇺")},
		{name: "a megabyte", text: quoted(strings.Repeat("яма на дороге ", 40_000)), fault: domain.FaultTooLong},
		{name: "1.2 million characters of different words", text: quoted(differentWords(1_200_000)), fault: domain.FaultTooLong},
		{name: "one word of a million letters", text: quoted(strings.Repeat("ы", 1_000_000)), fault: domain.FaultTooLong},
		{name: "hyphens", text: quoted(strings.Repeat("а-", 60_000))},
		{name: "addresses of pages", text: quoted(strings.Repeat("https://a.ru/", 9_000))},
		{name: "slashes", text: quoted(strings.Repeat("/", 120_000))},
		{name: "mail", text: quoted(strings.Repeat("a@b.c-", 20_000))},
		{name: "invalid UTF-8", text: raw("Яма \xff\xfe\xc3 на \xed\xa0\x80 дороге"), fault: domain.FaultInvalidUTF8},
		{name: "half a surrogate", text: raw(`Яма \ud800 на дороге`)},
		{name: "combining marks", text: quoted("Я" + strings.Repeat("\u0301\u0489", 50_000) + "ма"), fault: domain.FaultCombining},
		{name: "NUL", text: raw(`Яма\u0000 на дороге\u0000`), fault: domain.FaultNUL},
		{name: "control characters", text: quoted("Яма\x01\x02\x1b[31m на\x7f дороге\u202e")},
		{name: "a shout of brackets", text: quoted(strings.Repeat("((([[[{{{", 10_000))},
	}
}

// deep is JSON nested n times.
func deep(n int) json.RawMessage {
	return json.RawMessage(strings.Repeat("[", n) + strings.Repeat("]", n))
}

func oddVK() []oddity {
	shape := domain.FaultUnknownShape
	many := make([]json.RawMessage, 1000)
	for i := range many {
		many[i] = vkfake.Photo(-1, int64(i+1), "https://example.org/p.jpg")
	}
	return []oddity{
		{name: "author above 2^53", extra: map[string]any{"from_id": int64(9007199254740993)}},
		{name: "author beyond 64 bits", extra: map[string]any{"from_id": json.RawMessage("1e30")}, fault: shape},
		{name: "text is a number", text: json.RawMessage(`5`), fault: shape},
		{name: "text is an object", text: json.RawMessage(`{"ru":"яма"}`), fault: shape},
		{name: "no text", text: json.RawMessage(`null`)},
		{name: "no date", extra: map[string]any{"date": nil}, fault: shape},
		{name: "date in the year 50000", extra: map[string]any{"date": int64(1515000000000)}, fault: shape},
		{name: "date is a string", extra: map[string]any{"date": "вчера"}, fault: shape},
		{name: "unknown attachment", extra: map[string]any{"attachments": json.RawMessage(`[{"type":"hologram","hologram":{"id":1}},{"type":"mini_app"}]`)}},
		{name: "attachments are a string", extra: map[string]any{"attachments": "photo-1_2"}, fault: shape},
		{name: "attachments of odd kinds", extra: map[string]any{"attachments": json.RawMessage(`[null,5,"x",[],{},{"type":7}]`)}, any: true},
		{name: "a thousand attachments", extra: map[string]any{"attachments": many}, fault: domain.FaultTooLong},
		{name: "copies of odd kinds", extra: map[string]any{"copy_history": json.RawMessage(`[null,5,{},{"id":"x"}]`)}, fault: shape},
		{name: "odd counters", extra: map[string]any{"comments": "много", "views": json.RawMessage(`null`), "likes": 7}},
		{name: "odd place", extra: map[string]any{"geo": "где-то"}, any: true},
		{name: "place beyond the globe", extra: map[string]any{"geo": map[string]any{"type": "point", "coordinates": "999 -1e300"}}, any: true},
		{name: "deep JSON", extra: map[string]any{"attachments": deep(9000)}, any: true},
		{name: "unknown fields", extra: map[string]any{"донат": deep(2000), "": 1}},
		{name: "unknown kind of post", extra: map[string]any{"post_type": "hologram"}},
		{name: "number is a string", extra: map[string]any{"id": "сто"}, lost: true},
		{name: "no number", extra: map[string]any{"id": nil}, lost: true},
		{name: "number beyond 64 bits", extra: map[string]any{"id": json.RawMessage("123456789012345678901234567890")}, lost: true},
		{name: "number above 2^53", extra: map[string]any{"id": int64(9007199254740993)}, id: "9007199254740993"},
	}
}

// oddComments are the odd shapes of posts that a comment may have.
func oddComments() []oddity {
	return slices.DeleteFunc(oddVK(), func(o oddity) bool { return o.extra["copy_history"] != nil })
}

func oddTelegram() []oddity {
	shape := domain.FaultUnknownShape
	return []oddity{
		{name: "author above 2^53", extra: map[string]any{"from": map[string]any{"id": int64(9007199254740993), "first_name": "Житель"}}},
		{name: "author beyond 64 bits", extra: map[string]any{"from": json.RawMessage(`{"id":1e30,"first_name":"Житель"}`)}, fault: shape},
		{name: "text is a number", text: json.RawMessage(`5`), fault: shape},
		{name: "no text", text: json.RawMessage(`null`)},
		{name: "date is a string", extra: map[string]any{"date": "вчера"}, fault: shape},
		{name: "date in the year 50000", extra: map[string]any{"date": int64(1515000000000)}, fault: shape},
		{name: "entities are a number", extra: map[string]any{"entities": 5}, fault: shape},
		{name: "entities out of range", extra: map[string]any{"entities": json.RawMessage(`[{"type":"text_link","url":"http://a","offset":-5,"length":99999999},{"type":"hologram","offset":0,"length":1}]`)}},
		{name: "photo is an object", extra: map[string]any{"photo": map[string]any{"file_id": 1}}, fault: shape},
		{name: "unknown content", extra: map[string]any{"hologram": map[string]any{"depth": deep(2000)}}},
		{name: "deep JSON", extra: map[string]any{"reply_markup": deep(9000)}, any: true},
		{name: "unknown kind of origin", extra: map[string]any{"forward_origin": map[string]any{"type": "hologram"}}, any: true},
		{name: "number is a string", extra: map[string]any{"message_id": "сто"}, lost: true},
		{name: "chat is nothing", extra: map[string]any{"chat": nil}, lost: true},
		{name: "number above 2^53", extra: map[string]any{"message_id": int64(9007199254740993)}, id: "9007199254740993"},
	}
}

// oddPages are bad texts as a page of t.me could hold them. One page may have
// five megabytes, so there is one long text.
func oddPages() []oddity {
	return []oddity{
		{name: "emoji only", text: quoted("🔥🔥🔥")},
		{name: "1.2 million characters of different words", text: quoted(differentWords(1_200_000)), fault: domain.FaultTooLong},
		{name: "invalid UTF-8", text: json.RawMessage("Яма \xff\xfe\xc3 на дороге"), fault: domain.FaultInvalidUTF8},
		{name: "combining marks", text: quoted("Я" + strings.Repeat("\u0301\u0489", 20_000) + "ма"), fault: domain.FaultCombining},
		{name: "markup", text: quoted("</div></section><script>alert(1)</script><div class=\"tgme_widget_message\" data-post=\"x/1\">")},
	}
}
