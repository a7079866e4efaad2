package vkingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/vk"
)

func messageEvent(no int, text, payload string) json.RawMessage {
	m := map[string]any{"id": 100 + no, "conversation_message_id": no, "peer_id": 55, "from_id": 55, "date": 1764000000 + no, "text": text}
	if payload != "" {
		m["payload"] = payload
	}
	raw, err := json.Marshal(map[string]any{"type": "message_new", "group_id": 7, "event_id": fmt.Sprint("e", no), "object": map[string]any{"message": m}})
	if err != nil {
		panic(err)
	}
	return raw
}

func TestWhatAButtonCarries(t *testing.T) {
	for payload, want := range map[string]string{
		"":                       "",
		`{"otklik":"yes:2026"}`:  "yes:2026",
		`{"command":"start"}`:    "start",
		`{"command":"other"}`:    ingest.UnknownPress,
		`{"otklik":12}`:          ingest.UnknownPress,
		`'; DROP TABLE posts --`: ingest.UnknownPress,
		`[]`:                     ingest.UnknownPress,
	} {
		e := MapEvent(messageEvent(3, "кнопка", payload), domain.Source{Region: "khabarovsk"})
		if e.Post == nil || e.Post.Private == nil || e.Post.Private.Press != want || e.Post.Private.Chat != "55" || e.Post.Private.Group {
			t.Errorf("%q: %+v", payload, e.Post)
		}
	}
}

func TestDialogsThatBeginAndEnd(t *testing.T) {
	for kind, want := range map[string]domain.PrivateEvent{"message_allow": domain.DialogStarted, "message_deny": domain.DialogStopped} {
		e := MapEvent([]byte(`{"type":"`+kind+`","group_id":7,"event_id":"abc","object":{"user_id":55}}`), domain.Source{})
		if e.Post == nil || e.Post.Private.Event != want || e.Post.Private.Chat != "55" || e.Post.ID.Post != "dialog:55:abc" {
			t.Errorf("%s: %+v", kind, e)
		}
		if odd := MapEvent([]byte(`{"type":"`+kind+`","group_id":7,"object":[]}`), domain.Source{}); odd.Post != nil || odd.Outcome != Ignored {
			t.Errorf("%s without a name: %+v", kind, odd)
		}
	}
}

func TestWhatCameBeforeConsentIsReadAgain(t *testing.T) {
	history := func(_ context.Context, group, peer int64, _, _ int) (vk.Page, error) {
		if group != 7 || peer != 55 {
			t.Errorf("asked for %d of %d", peer, group)
		}
		var items []json.RawMessage
		for _, m := range []struct {
			no, from int
			text     string
		}{{6, 55, "после"}, {5, 55, "Согласен"}, {4, -7, "наше"}, {3, 55, "нет воды"}, {2, 55, "Здравствуйте"}} {
			items = append(items, fmt.Appendf(nil, `{"id":%d,"conversation_message_id":%d,"peer_id":55,"from_id":%d,"date":1764000000,"text":%q}`, m.no, m.no, m.from, m.text))
		}
		return vk.Page{Items: items}, nil
	}
	d := Deps{Recall: &Recall{Agrees: func(_ string, p *domain.Post) bool { return p.Private.Press == "yes:1" }, History: history}}
	yes := MapEvent(messageEvent(5, "Согласен", `{"otklik":"yes:1"}`), domain.Source{})
	other := MapEvent(messageEvent(6, "после", ""), domain.Source{})
	got := d.recall(t.Context(), domain.Source{}, 7, []domain.Post{*yes.Post, *other.Post})
	var texts []string
	for _, p := range got {
		texts = append(texts, p.Text)
	}
	if fmt.Sprint(texts) != "[Согласен после Здравствуйте нет воды]" || !got[0].Private.Recalled || got[1].Private.Recalled {
		t.Errorf("got %q", texts)
	}
	d.Recall.History = func(context.Context, int64, int64, int, int) (vk.Page, error) {
		return vk.Page{}, errors.New("no right")
	}
	yes = MapEvent(messageEvent(5, "Согласен", `{"otklik":"yes:1"}`), domain.Source{})
	if got := d.recall(t.Context(), domain.Source{}, 7, []domain.Post{*yes.Post}); len(got) != 1 || got[0].Private.Recalled {
		t.Errorf("claims to have read what it could not: %+v", got)
	}
}

func TestChatsOfSeveralPeople(t *testing.T) {
	for peer, want := range map[int64]bool{55: false, 2_000_000_000: false, 2_000_000_001: true, 2_100_000_000: true, 2_100_000_001: false, 200_000_000_501: false} {
		if several(peer) != want {
			t.Errorf("%d: %v", peer, !want)
		}
	}
}
