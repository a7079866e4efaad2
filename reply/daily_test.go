package reply_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// An account that has said enough today waits until tomorrow, without a try; what
// it says in private, and what others say, goes on. People read why.
func TestAnAccountSaysNoMoreThanItsDay(t *testing.T) {
	o := newOffice(t)
	day := morning()
	o.postman.Store = storagetest.Open(t, o.dsn, storage.Options{Clock: o.clock, MachineClock: day, SendPerDay: func(_ domain.Platform, w domain.Way) int64 {
		if w == domain.WayPublic {
			return 2
		}
		return 0
	}})
	var posts []domain.PostID
	for i := range 3 {
		p := o.wallPost()
		o.approve(o.take(fmt.Sprintf("Ленина %d", i), p), domain.ReplyFinal, "Яму засыпали.")
		posts = append(posts, p.ID)
	}
	private := o.dialog(7007)
	o.approve(o.take("Мира 9", private), domain.ReplyFinal, "Свет дали.")
	o.send()
	count := func() (n int) {
		for _, p := range posts {
			n += len(o.wrote(p))
		}
		return n
	}
	if count() != 2 || len(o.wrote(private.ID)) != 1 {
		t.Fatalf("%d written in public, in private %q", count(), o.wrote(private.ID))
	}
	if n := o.number(`SELECT count(*) FROM delivery_attempts`); n != 3 {
		t.Errorf("%d tries", n)
	}
	held := o.number(`SELECT case_id FROM deliveries WHERE state = 'waiting'`)
	whole, err := o.store.CaseWhole(t.Context(), domain.Scope{Region: "khabarovsk", Whole: true}, held)
	if err != nil {
		t.Fatal(err)
	}
	d := whole.Replies[0].Deliveries[0]
	if !strings.HasPrefix(d.Held, "отложено до завтра: дневной предел открытых ответов этого аккаунта, 2, исчерпан") || d.HeldTo.IsZero() {
		t.Errorf("the card says %q until %s", d.Held, d.HeldTo)
	}
	counts, err := o.store.HeldCounts(t.Context())
	if err != nil || !slices.Equal(counts, []storage.HeldCount{{Region: "khabarovsk", Platform: domain.VK, Reason: domain.HeldDaily, N: 1}}) {
		t.Errorf("%+v, %v", counts, err)
	}

	// The end of the pause before its time does not make the day longer.
	resume := func() {
		if err := o.store.ResumeAccount(t.Context(), domain.VK, fmt.Sprint(ownGroup)); err != nil {
			t.Fatal(err)
		}
		o.send()
	}
	if resume(); count() != 2 {
		t.Errorf("%d written after the pause was lifted", count())
	}
	day.pass(24 * time.Hour)
	if resume(); count() != 3 {
		t.Errorf("%d written the next day", count())
	}
}
