package tgingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
)

// pressed remembers which presses were answered, of which bot.
type pressed struct{ ids []string }

func (p *pressed) talk(speaks bool) *Talk {
	return &Talk{Speaks: func(region string) bool { return speaks && region == "khabarovsk" }, Pressed: "Принято", Log: slog.New(slog.DiscardHandler),
		Answer: func(_ context.Context, bot, callback, words string) error {
			p.ids = append(p.ids, bot+":"+callback+":"+words)
			return errors.New("too old")
		}}
}

func dialogUpdate(t *testing.T, kind, payload string) telegram.Update {
	t.Helper()
	u, err := telegram.ParseUpdate(json.RawMessage(fmt.Sprintf(`{"update_id":5,%q:%s}`, kind, payload)))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

const annaJSON = `{"id":501,"is_bot":false,"first_name":"Анна","last_name":"Ж"}`

func TestDialogUpdates(t *testing.T) {
	private := `{"id":501,"type":"private","first_name":"Анна"}`
	group := `{"id":-1001,"type":"supergroup","title":"Двор"}`
	message := func(chat string) string { return `{"message_id":9,"date":1773100000,"chat":` + chat + `,"text":"?"}` }
	for name, c := range map[string]struct {
		kind, payload string
		post          string // identity
		want          domain.Private
		skip          Skip
		silent        Skip // while the region's bot is silent
	}{
		"a press": {"callback_query", `{"id":"77","from":` + annaJSON + `,"data":"yes:1","message":` + message(private) + `}`,
			"dialog:501:press:77", domain.Private{Chat: "501", Press: "yes:1"}, SkipNone, SkipPress},
		"a press of nothing": {"callback_query", `{"id":"77","from":` + annaJSON + `,"message":` + message(private) + `}`,
			"dialog:501:press:77", domain.Private{Chat: "501", Press: "?"}, SkipNone, SkipPress},
		"a press in a group":         {"callback_query", `{"id":"77","from":` + annaJSON + `,"data":"yes","message":` + message(group) + `}`, "", domain.Private{}, SkipPress, SkipPress},
		"a press of an inline query": {"callback_query", `{"id":"77","from":` + annaJSON + `,"data":"yes","inline_message_id":"x"}`, "", domain.Private{}, SkipPress, SkipPress},
		"a block": {"my_chat_member", `{"chat":` + private + `,"from":` + annaJSON + `,"date":1773100000,"new_chat_member":{"status":"kicked"}}`,
			"dialog:501:event:blocked:1773100000", domain.Private{Chat: "501", Event: domain.DialogStopped}, SkipNone, SkipMembership},
		"let in again": {"my_chat_member", `{"chat":` + private + `,"from":` + annaJSON + `,"date":1773100000,"new_chat_member":{"status":"member"}}`,
			"", domain.Private{}, SkipMembership, SkipMembership},
		"out of a group": {"my_chat_member", `{"chat":` + group + `,"from":` + annaJSON + `,"date":1773100000,"new_chat_member":{"status":"kicked"}}`,
			"", domain.Private{}, SkipMembership, SkipMembership},
		"words": {"message", `{"message_id":9,"date":1773100000,"chat":` + private + `,"from":` + annaJSON + `,"text":"нет воды"}`,
			"dialog:501:9", domain.Private{Chat: "501"}, SkipNone, SkipPrivate},
		"a channel's correspondence": {"message", `{"message_id":9,"date":1773100000,"chat":{"id":-1002,"type":"supergroup","is_direct_messages":true},"from":` + annaJSON + `,"text":"нет воды"}`,
			"", domain.Private{}, SkipPrivate, SkipPrivate},
	} {
		for _, speaks := range []bool{true, false} {
			m, err := newMapper(domain.Source{ID: 1, Region: "khabarovsk"}, 77, (&pressed{}).talk(speaks))
			if err != nil {
				t.Fatal(err)
			}
			p, skip := m.update(dialogUpdate(t, c.kind, c.payload))
			want := c.skip
			if !speaks {
				want = c.silent
			}
			switch {
			case skip != want || (p != nil) != (want == SkipNone):
				t.Errorf("%s, speaks %v: %v, %q", name, speaks, p, skip)
			case p == nil:
			case p.ID != domain.NewPostID(domain.Telegram, "77", c.post) || p.Private == nil || p.Kind != domain.Message || p.Author.ID != "501" ||
				p.Private.Chat != c.want.Chat || p.Private.Press != c.want.Press || p.Private.Event != c.want.Event:
				t.Errorf("%s: %+v, %+v", name, p, p.Private)
			}
		}
	}
}

func TestPressesAreAnsweredThoughTelegramRefuses(t *testing.T) {
	p := &pressed{}
	talk := p.talk(true)
	m, err := newMapper(domain.Source{ID: 1, Region: "khabarovsk", Address: "77"}, 77, talk)
	if err != nil {
		t.Fatal(err)
	}
	var ups telegram.Updates
	for _, id := range []string{"1", "2"} {
		ups.List = append(ups.List, dialogUpdate(t, "callback_query", `{"id":"`+id+`","from":`+annaJSON+`,"data":"no","message":{"message_id":9,"date":1,"chat":{"id":501,"type":"private"}}}`))
	}
	if posts := m.updates(ups, nil); len(posts) != 2 {
		t.Fatalf("%d posts", len(posts))
	}
	talk.answer(t.Context(), m.src, m.presses)
	if len(p.ids) != 2 || p.ids[0] != "77:1:Принято" {
		t.Errorf("answered %v", p.ids)
	}
	var silent *Talk
	silent.answer(t.Context(), m.src, m.presses) // nobody talks: nothing to do
}
