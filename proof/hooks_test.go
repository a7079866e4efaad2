package proof

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// TestPushesEndToEnd registers, confirms, repeats and forges pushes of both
// platforms, and follows edits and deletions into the database.
func TestPushesEndToEnd(t *testing.T) {
	s := newStand(t).raced()
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKCallback, strconv.Itoa(ownCommunity))
	s.addSource(domain.TelegramWebhook, s.tg.BotID())
	env, url := hooksAt(t)
	s.setenv("OTKLIK_PUBLIC_URL=" + url)
	w := s.serve(env).ready(t)

	hook := vkfake.Hook{URL: url + "/vk", Secret: "secret", Confirmation: "confirm", RepeatEvery: 1}
	if err := s.vk.Confirm(context.Background(), ownCommunity, hook); err != nil {
		t.Errorf("the address cannot be confirmed: %v", err)
	}
	s.forgeries(url)
	if n := s.query(countPosts); n != 0 {
		t.Fatalf("%d forged posts were stored", n)
	}

	s.vk.AddHook(ownCommunity, hook)
	group := s.tg.Supergroup(-1001000000777, "", "Группа")
	s.pushedVK(url)
	s.pushedTelegram(group)
	s.sameAsLedger()
	s.mustLive(w)
}

// forgeries are refused with 403 whatever they hold.
func (s *stand) forgeries(url string) {
	s.t.Helper()
	forged := []struct {
		name, path string
		header     map[string]string
		body       []byte
	}{
		{"no Telegram secret", "/telegram/" + s.tg.BotID(), nil, tgMessage(1, problem(1))},
		{"wrong Telegram secret", "/telegram/" + s.tg.BotID(), map[string]string{"X-Telegram-Bot-Api-Secret-Token": "x"}, tgMessage(1, problem(1))},
		{"another bot", "/telegram/1", map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegram.WebhookSecret(s.tg.Token())}, tgMessage(1, problem(1))},
		{"wrong VK secret", "/vk", nil, rendered(map[string]any{"type": "wall_post_new", "group_id": ownCommunity, "secret": "wrong", "object": map[string]any{"id": 1, "owner_id": -ownCommunity}})},
		{"no VK secret", "/vk", nil, rendered(map[string]any{"type": "wall_post_new", "group_id": ownCommunity, "object": map[string]any{"id": 1, "owner_id": -ownCommunity}})},
		{"another community", "/vk", nil, rendered(map[string]any{"type": "wall_post_new", "group_id": 5, "secret": "secret", "object": map[string]any{"id": 1, "owner_id": -5}})},
	}
	for _, f := range forged {
		if status, _ := post(s.t, url+f.path, f.header, f.body); status != http.StatusForbidden {
			s.t.Errorf("%s: %d, want 403", f.name, status)
		}
	}
}

// pushedVK: every event comes twice, a comment is edited and another deleted;
// then both births are told once more, late.
func (s *stand) pushedVK(url string) {
	s.t.Helper()
	wall := s.vk.AddPost(vkfake.Post{Owner: -ownCommunity, ID: 1, Text: "Собрание жителей в субботу"})
	kept := s.comment(problem(1))
	gone := s.comment(problem(2))
	s.delivered()
	for _, id := range []domain.PostID{wall, kept, gone} {
		if n := s.countID(id); n != 1 {
			s.t.Errorf("%s came twice and is stored %d times", id, n)
		}
	}
	if err := s.vk.EditComment(-ownCommunity, 1, number(kept.Comment), problem(3)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.vk.DeleteComment(-ownCommunity, 1, number(gone.Comment)); err != nil {
		s.t.Fatal(err)
	}
	s.delivered()
	for id, text := range map[domain.PostID]string{kept: problem(1), gone: problem(2)} {
		late := vkEvent("wall_reply_new", map[string]any{"id": number(id.Comment), "post_owner_id": -ownCommunity, "post_id": 1,
			"from_id": 5, "date": time.Now().Unix(), "text": text})
		if status, answer := post(s.t, url+"/vk", nil, late); status != http.StatusOK || answer != "ok" {
			s.t.Errorf("a late repetition: %d %s", status, answer)
		}
	}
	s.edited(kept, problem(1), problem(3))
	s.deleted(gone)
}

func (s *stand) comment(text string) domain.PostID {
	s.t.Helper()
	id, err := s.vk.AddComment(vkfake.Comment{Owner: -ownCommunity, Post: 1, From: 5, Text: text})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// pushedTelegram: an answer to a push is lost, so it comes again; then an edit.
func (s *stand) pushedTelegram(group *tgfake.Chat) {
	s.t.Helper()
	s.tg.LosePushAnswers(1)
	m := group.Post(tgfake.Draft{Text: problem(11)})
	s.delivered()
	if n := s.countID(m.PostID()); n != 1 {
		s.t.Errorf("%s was pushed twice and is stored %d times", m.PostID(), n)
	}
	m.EditText(time.Now(), problem(12))
	s.delivered()
	s.edited(m.PostID(), problem(11), problem(12))
}

// delivered waits until the platforms have nothing left to push.
func (s *stand) delivered() {
	s.t.Helper()
	waitFor(s.t, patience, "pushes delivered", func() bool { return s.vk.Waiting() == 0 && s.tg.Queued() == 0 })
}

// TestEditsAndDeletionsFoundByPolling edits and deletes what was read by
// polling: a wall's post, a comment, a message of a group, a channel's post.
func TestEditsAndDeletionsFoundByPolling(t *testing.T) {
	s := newStand(t)
	group := s.continuous()
	channel := s.tg.Channel(-1001000000555, "chuzhoy_kanal", "Чужой канал")
	channel.SetMember(false)
	s.vk.AddCommunity(vkfake.Community{ID: 1})
	wallKept := s.vk.AddPost(vkfake.Post{Owner: -1, From: 5, Text: problem(1)})
	wallGone := s.vk.AddPost(vkfake.Post{Owner: -1, From: 5, Text: problem(2)})
	wallTalk := s.vk.AddPost(vkfake.Post{Owner: -1, From: 5, Text: problem(3)})
	talk := func(text string) domain.PostID {
		id, err := s.vk.AddComment(vkfake.Comment{Owner: -1, Post: number(wallTalk.Post), From: 5, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	replyKept, replyGone := talk(problem(4)), talk(problem(5))
	shownKept, shownGone := channel.Post(tgfake.Draft{Text: problem(6)}), channel.Post(tgfake.Draft{Text: problem(7)})
	channel.Post(tgfake.Draft{Text: problem(8)})
	said := group.Post(tgfake.Draft{Text: problem(9)})
	s.addSource(domain.VKWall, "-1")
	s.addSource(domain.TelegramPreview, "chuzhoy_kanal")
	w := s.serve().ready(t)
	s.awaitPosts(patience, 9)

	for _, err := range []error{
		s.vk.EditPost(-1, number(wallKept.Post), problem(11)), s.vk.DeletePost(-1, number(wallGone.Post)),
		s.vk.EditComment(-1, number(wallTalk.Post), number(replyKept.Comment), problem(14)),
		s.vk.DeleteComment(-1, number(wallTalk.Post), number(replyGone.Comment)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	shownKept.EditText(time.Now(), problem(16))
	shownGone.Delete(time.Now())
	said.EditText(time.Now(), problem(19))
	waitFor(t, patience, "edits and deletions stored", func() bool {
		s.pollNow() // the time of the next look has come; a preview believes a deletion the second time
		time.Sleep(time.Second)
		return s.query(`SELECT count(*) FROM post_versions`) == 4 && s.query(`SELECT count(*) FROM post_ids WHERE deleted_at IS NOT NULL`) == 3
	})
	s.edited(wallKept, problem(1), problem(11))
	s.edited(replyKept, problem(4), problem(14))
	s.edited(shownKept.PostID(), problem(6), problem(16))
	s.edited(said.PostID(), problem(9), problem(19))
	s.deleted(wallGone)
	s.deleted(replyGone)
	s.deleted(shownGone.PostID())
	if n := s.query(`SELECT count(*) FROM case_posts`); n != 9 {
		t.Errorf("%d posts in cases, want all 9: what is gone from the platform keeps its case", n)
	}
	s.mustLive(w)
}

const whereID = ` WHERE i.platform = $1 AND i.owner = $2 AND i.post = $3 AND i.comment = $4`

func (s *stand) countID(id domain.PostID) int64 {
	s.t.Helper()
	return s.query(`SELECT count(*) FROM posts i`+whereID, id.Platform, id.Owner, id.Post, orZero(id.Comment))
}

// edited checks that a post says what it says now, that one version keeps what
// it said before, and that the verdict is of the new text.
func (s *stand) edited(id domain.PostID, before, now string) {
	s.t.Helper()
	args := []any{id.Platform, id.Owner, id.Post, orZero(id.Comment)}
	if n := s.query(`SELECT count(*) FROM posts i`+whereID+` AND i.text = $5`, append(args, now)...); n != 1 {
		s.t.Errorf("%s does not say what it was edited to", id)
	}
	versions := s.query(`SELECT count(*) FROM post_versions v JOIN post_ids i USING (post_id)`+whereID, args...)
	kept := s.query(`SELECT count(*) FROM post_versions v JOIN post_ids i USING (post_id)`+whereID+` AND v.text = $5`, append(args, before)...)
	if versions != 1 || kept != 1 {
		s.t.Errorf("%s has %d versions, %d of them what it said before", id, versions, kept)
	}
	if n := s.query(`SELECT count(*) FROM verdicts v JOIN post_ids i USING (post_id)`+whereID, args...); n != 2 {
		s.t.Errorf("%s was judged %d times, want before and after the edit", id, n)
	}
}

// deleted checks the mark of a post that is gone, and that its text is kept.
func (s *stand) deleted(id domain.PostID) {
	s.t.Helper()
	args := []any{id.Platform, id.Owner, id.Post, orZero(id.Comment)}
	if n := s.query(`SELECT count(*) FROM post_ids i JOIN posts p ON p.id = i.post_id`+whereID+` AND i.deleted_at IS NOT NULL AND p.text <> ''`, args...); n != 1 {
		s.t.Errorf("%s is not marked as deleted", id)
	}
	if n := s.query(`SELECT count(*) FROM case_history h JOIN case_posts c USING (case_id) JOIN post_ids i USING (post_id)`+whereID+` AND h.what = 'post_deleted'`, args...); n == 0 {
		s.t.Errorf("the case of %s does not know of the deletion", id)
	}
}

func orZero(comment string) string {
	if comment == "" {
		return "0"
	}
	return comment
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err) // the fakes name posts by numbers
	}
	return n
}
