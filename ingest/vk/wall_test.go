package vkingest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func wallBench(t testing.TB, settings string) *bench {
	return newBench(t, domain.VKWall, fmt.Sprint(wallOwner), settings)
}

func TestWallPinnedOldPostComesFirstAndHidesNothing(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	old := b.add(200*24*time.Hour, "правила сообщества")
	first := b.add(2*time.Hour, "яма у школы")
	second := b.add(time.Hour, "нет света")
	if err := b.fake.Pin(wallOwner, 1); err != nil {
		t.Fatal(err)
	}
	b.drain()
	b.has(first, "яма у школы")
	b.has(second, "нет света")
	b.lacks(old)

	third := b.add(0, "снова яма")
	b.drain()
	b.has(third, "снова яма")
}

// A post dated in the future must not hide those of the present: what is written after
// it is read page by page as ever.
func TestWallPostFromTheFutureHidesNothing(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	b.add(2*time.Hour, "до него")
	future := b.fake.AddPost(vkfake.Post{Owner: wallOwner, Date: b.clock.Now().Add(-time.Hour - time.Minute), Text: "из 2100 года", Extra: map[string]any{"date": 4102444800}})
	b.drain()
	b.has(future, "из 2100 года")
	var ids []domain.PostID
	for i := range 350 {
		ids = append(ids, b.add(time.Hour-time.Duration(i)*time.Second, fmt.Sprint("запись ", i)))
	}
	b.drain()
	for i, id := range ids {
		b.has(id, fmt.Sprint("запись ", i))
	}
}

func TestWallPostPinnedWhilePagingIsTaken(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"max_pages": 1}`)
	deep := b.add(20*time.Hour, "глубоко лежит")
	for i := range 400 {
		b.add(10*time.Hour-time.Duration(i)*time.Minute, fmt.Sprint("запись ", i))
	}
	if _, err := b.pull(); err != nil { // the first page only
		t.Fatal(err)
	}
	b.lacks(deep)
	if err := b.fake.Pin(wallOwner, 1); err != nil { // now it is above of what is still to be read
		t.Fatal(err)
	}
	b.drain()
	b.drain()
	b.has(deep, "глубоко лежит")
}

func TestWallOffsetsThatShiftDownRepeatAndLoseNothing(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"max_pages": 1}`)
	var ids []domain.PostID
	for i := range 350 {
		ids = append(ids, b.add(20*time.Hour-time.Duration(i)*time.Minute, fmt.Sprint("запись ", i)))
	}
	for more := true; more; {
		batch, err := b.pull()
		if err != nil {
			t.Fatal(err)
		}
		more = batch.More
		if len(ids) < 430 { // the wall grows while it is being read
			for range 20 {
				ids = append(ids, b.add(0, "свежая"))
			}
		}
	}
	b.drain()
	for _, id := range ids {
		if b.store.posts[id] == nil {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestWallOffsetsThatShiftUpSkipNothing(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"max_pages": 1}`)
	var ids []domain.PostID
	for i := range 300 {
		ids = append(ids, b.add(20*time.Hour-time.Duration(i)*time.Minute, fmt.Sprint("запись ", i)))
	}
	if _, err := b.pull(); err != nil { // took 200..299
		t.Fatal(err)
	}
	for id := int64(230); id <= 290; id++ { // 61 posts of the first page go: all below moves up
		if err := b.fake.DeletePost(wallOwner, id); err != nil {
			t.Fatal(err)
		}
	}
	b.drain()
	for _, id := range ids {
		if b.store.posts[id] == nil {
			t.Errorf("%s was skipped", id)
		}
	}
}

func TestWallAfterLongSilenceReadsTheGap(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"max_pages": 2}`)
	b.add(time.Hour, "первая")
	b.drain()
	b.clock.Add(5 * 24 * time.Hour)
	var ids []domain.PostID
	for i := range 700 {
		ids = append(ids, b.add(4*24*time.Hour-time.Duration(i)*8*time.Minute, fmt.Sprint("пока нас не было ", i)))
	}
	b.drain()
	for _, id := range ids {
		if b.store.posts[id] == nil {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestWallQuietPollCostsOneCallAndHandsNothingOn(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	for i := range 30 {
		b.add(23*time.Hour-time.Duration(i)*time.Minute, fmt.Sprint("запись ", i))
	}
	b.drain()
	before := b.fake.Calls("wall.get")
	batch, err := b.pull()
	if err != nil {
		t.Fatal(err)
	}
	if n := b.fake.Calls("wall.get") - before; n != 1 || len(batch.Posts) != 0 || batch.More {
		t.Fatalf("%d calls, %d posts, more %v", n, len(batch.Posts), batch.More)
	}
}

func TestWallEditsAreNoticed(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	fresh := b.add(time.Hour, "ямма")
	b.drain()
	if err := b.fake.EditPost(wallOwner, 1, "яма"); err != nil {
		t.Fatal(err)
	}
	b.drain() // it is still on the newest page
	b.has(fresh, "яма")

	for i := range 150 {
		b.add(0, fmt.Sprint("поверх ", i))
	}
	b.drain()
	if err := b.fake.EditPost(wallOwner, 1, "яма засыпана"); err != nil {
		t.Fatal(err)
	}
	b.clock.Add(7 * time.Hour)
	b.drain() // now only a recheck can see it
	b.has(fresh, "яма засыпана")
}

func TestWallDeletedPostsAreMarkedWhetherAbsentOrFlagged(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	odd, even, stays := b.add(3*time.Hour, "раз"), b.add(2*time.Hour, "два"), b.add(time.Hour, "три")
	b.drain()
	for _, id := range []int64{1, 2} {
		if err := b.fake.DeletePost(wallOwner, id); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.Add(time.Hour)
	b.drain()
	b.gone(odd)
	b.gone(even)
	b.has(stays, "три")
	if _, watched := b.store.watches[odd]; watched {
		t.Error("a deleted post is still watched")
	}
}

func TestWallWatchesEndWithTheirDays(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"recheck_days": 2}`)
	b.add(time.Hour, "запись")
	b.drain()
	if len(b.store.watches) != 1 {
		t.Fatalf("%d watches", len(b.store.watches))
	}
	for range 20 {
		b.clock.Add(4 * time.Hour)
		b.drain()
	}
	if len(b.store.watches) != 0 {
		t.Fatalf("%d watches after the end", len(b.store.watches))
	}
}

// An answer may come on day 8 of a term of 10 days: what the author says then is heard,
// at the price of few looks, and looking ends with the case.
func TestWallPostsOfOpenCasesAreHeardAfterTheirDays(t *testing.T) {
	t.Parallel()
	for name, buried := range map[string]bool{"on the newest page": false, "below it": true} {
		t.Run(name, func(t *testing.T) {
			b := wallBench(t, "")
			post := b.add(time.Hour, "когда починят свет?")
			b.store.awaited = map[domain.PostID]bool{post: true}
			first := b.comment(post, 0, "и у нас темно")
			b.drain()
			for i := range 120 {
				if buried {
					b.add(0, fmt.Sprint("другое ", i))
				}
			}
			days := func(n int) {
				for range n * 4 {
					b.clock.Add(6 * time.Hour)
					b.drain()
				}
			}
			days(9)
			late := b.comment(post, number(t, first), "Не решено! Темно, как и было")
			days(1)
			b.has(late, "Не решено! Темно, как и было")
			if err := b.fake.DeleteComment(wallOwner, number(t, post), number(t, late)); err != nil {
				t.Fatal(err)
			}
			days(1)
			b.gone(late)
			before := b.fake.Calls("wall.getComments")
			days(4)
			if n := b.fake.Calls("wall.getComments") - before; n > 9 {
				t.Errorf("%d looks at its comments in four quiet days", n)
			}
			b.store.awaited = nil
			days(3)
			if _, watched := b.store.watches[post]; watched {
				t.Error("watched after the end of its case")
			}
		})
	}
}

func TestWallOldPostsKeepGivingComments(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "когда починят свет?")
	b.drain()
	for i := range 120 { // the post leaves the newest page
		b.add(0, fmt.Sprint("другое ", i))
	}
	b.drain()
	b.clock.Add(3 * 24 * time.Hour)
	late := b.comment(post, 0, "и у нас темно")
	b.clock.Add(7 * time.Hour)
	b.drain()
	b.has(late, "и у нас темно")
	if p := b.store.posts[late].post; p.Thread != post || p.Kind != domain.Comment {
		t.Errorf("thread %v kind %v", p.Thread, p.Kind)
	}
}

func TestWallClosedIsClosed(t *testing.T) {
	t.Parallel()
	for _, code := range []int{15, 18, 30, 203} {
		b := wallBench(t, "")
		b.add(time.Hour, "запись")
		b.fake.CloseWall(wallOwner, code)
		_, err := b.pull()
		if got := reaction(t, err); got != domain.CloseSource {
			t.Errorf("code %d: %s", code, got)
		}
	}
}

func TestWallQuotaSpentParksAndLosesNothing(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	b.fake.SetPerDay("wall.get", 2)
	b.add(time.Hour, "первая")
	b.drain()
	b.clock.Add(time.Minute)
	b.drain()
	b.clock.Add(time.Hour)
	post := b.add(0, "вторая")
	for b.fake.Calls("wall.get") < 4 {
		if _, err := b.pull(); err != nil {
			if got := reaction(t, err); got != domain.ParkToday {
				t.Fatalf("%s, want park_today", got)
			}
			break
		}
	}
	b.clock.Add(24 * time.Hour)
	b.drain()
	b.has(post, "вторая")
}

func TestWallCaptchaAsksAPersonWithTheLink(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	link := "https://id.vk.ru/not_robot_captcha?domain=vk.com&session_token=abc"
	b.fake.AddFault(vkfake.Fault{Method: "wall.get", Code: 14, Redirect: link})
	_, err := b.pull()
	if got := reaction(t, err); got != domain.AskPerson {
		t.Fatalf("%s", got)
	}
	if !contains(err, link) {
		t.Fatalf("the link is not in the reason: %v", err)
	}
}

func TestWallCutConnectionLosesNothing(t *testing.T) {
	t.Parallel()
	faults := map[string]vkfake.Fault{
		"cut": {Cut: true}, "half": {Truncated: true}, "page": {WrongType: true},
		"502": {Status: 502}, "429": {Status: 429, RetryAfter: 3}, "code 10": {Code: 10}, "code 1": {Code: 1},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := wallBench(t, "")
			post := b.add(time.Hour, "запись")
			comment := b.comment(post, 0, "ответ")
			b.fake.AddFault(f)
			if _, err := b.pull(); reaction(t, err) != domain.RetryLater {
				t.Fatalf("%v", err)
			}
			b.drain()
			b.has(post, "запись")
			b.has(comment, "ответ")
		})
	}
}

func TestWallFaultAfterProgressKeepsTheProgress(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "запись")
	b.comment(post, 0, "ответ")
	b.fake.AddFault(vkfake.Fault{Method: "wall.getComments", Code: 10, Times: 2})
	batch, err := b.pull()
	if err != nil || !batch.More {
		t.Fatalf("more %v, err %v", batch.More, err)
	}
	b.has(post, "запись")
	if _, err := b.pull(); reaction(t, err) != domain.RetryLater {
		t.Fatalf("the second failure must be seen: %v", err)
	}
	b.drain()
}

func TestWallStopsAtOnceWhenAskedTo(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	b.fake.AddFault(vkfake.Fault{Method: "wall.get", Delay: 10 * time.Second})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := Wall{b.deps()}.Pull(ctx, b.src)
	if err == nil || time.Since(began) > 5*time.Second {
		t.Fatalf("err %v after %v", err, time.Since(began))
	}
	if passes(err) {
		t.Fatalf("stopping is no fault of the source: %v", err)
	}
}

func TestWallByScreenNameIsTheSameWall(t *testing.T) {
	t.Parallel()
	b := newBench(t, domain.VKWall, "zarechny", "")
	post := b.add(time.Hour, "запись")
	b.drain()
	b.has(post, "запись")
	title, err := Wall{b.deps()}.Check(context.Background(), b.src)
	if err != nil || title != "Подслушано в Заречном" {
		t.Fatalf("%q, %v", title, err)
	}
}

func TestWallEmptyIsNoError(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	b.drain()
	title, err := Wall{b.deps()}.Check(context.Background(), b.src)
	if err != nil || title != "Подслушано в Заречном" {
		t.Fatalf("%q, %v", title, err)
	}
}

func TestWallOddItemsDoNotTouchTheirNeighbours(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	before := b.add(3*time.Hour, "до")
	odd := []map[string]any{
		{"attachments": 5}, {"attachments": []any{7, nil, map[string]any{"type": "hologram", "hologram": 1}}},
		{"text": 12}, {"date": "вчера"}, {"geo": "тут"}, {"copy_history": "нет"}, {"comments": []any{}}, {"views": "много"},
		{"from_id": nil}, {"edited": 1e300}, {"signer_id": json.Number("99999999999999999999")},
	}
	var ids []domain.PostID
	for _, extra := range odd {
		ids = append(ids, b.fake.AddPost(vkfake.Post{Owner: wallOwner, Date: b.clock.Now().Add(-2 * time.Hour), Text: "странная", Extra: extra}))
	}
	noID := b.fake.AddPost(vkfake.Post{Owner: wallOwner, Date: b.clock.Now().Add(-2 * time.Hour), Extra: map[string]any{"id": "x"}})
	after := b.add(time.Hour, "после")
	b.drain()
	b.has(before, "до")
	b.has(after, "после")
	b.lacks(noID)
	for i, id := range ids {
		if b.store.posts[id] == nil {
			t.Errorf("%v was lost", odd[i])
		}
	}
	if b.counts["wall_item unusable"] == 0 {
		t.Error("the item without identity was not counted")
	}
}

func TestWallIDsBeyondDoublesStayExact(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	const person, number = int64(912345678901234567), int64(9007199254740993) // 2^53+1
	id := b.fake.AddPost(vkfake.Post{Owner: wallOwner, ID: number, From: person, Date: b.clock.Now(), Text: "большие числа"})
	b.drain()
	b.has(id, "большие числа")
	if p := b.store.posts[id].post; p.ID.Post != "9007199254740993" || p.Author.ID != "912345678901234567" {
		t.Fatalf("%+v %+v", p.ID, p.Author)
	}
}

func TestWallBadSettingsAskAPerson(t *testing.T) {
	t.Parallel()
	for _, s := range []string{`{"first_day": 2}`, `{"max_pages": 0}`, `{"recheck_days": -1}`, `{"lat": 1}`, `[]`} {
		b := wallBench(t, s)
		_, err := b.pull()
		if reaction(t, err) != domain.AskPerson {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// The region's pack says how long posts are looked at again; a source may say
// otherwise.
func TestRecheckDaysComeFromThePackUnlessTheSourceSays(t *testing.T) {
	d := Deps{RecheckDays: func(region string) int { return map[string]int{"khabarovsk": 12}[region] }}
	for _, tc := range []struct {
		src  domain.Source
		want int
	}{
		{domain.Source{Kind: domain.VKWall, Region: "khabarovsk"}, 12},
		{domain.Source{Kind: domain.VKWall, Region: "unserved"}, 7},
		{domain.Source{Kind: domain.VKWall, Region: "khabarovsk", Settings: []byte(`{"recheck_days":3}`)}, 3},
	} {
		if set, err := d.settings(tc.src); err != nil || set.RecheckDays != tc.want {
			t.Errorf("%s %s: %d days (%v), want %d", tc.src.Region, tc.src.Settings, set.RecheckDays, err, tc.want)
		}
	}
}
