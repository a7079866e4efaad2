package storage_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// People read case numbers: commits that succeed leave no gaps in them.
func TestCaseNumbersFollowEachOther(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	src := lease(t, s, "w1", time.Minute)[0]
	for i := range 3 {
		b, judged := batchOf(src, "", judgedAs(post(2*i+1, "Яма"), 3, fmt.Sprint("copy:", 2*i)), judgedAs(post(2*i+2, "Яма"), 3, fmt.Sprint("copy:", 2*i+1)))
		res := commit(t, s, b, judged)
		for k, id := range res.CaseIDs {
			file, err := s.CaseFile(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("27-2026-%06d", 2*i+k+1); file.Case.Number != want {
				t.Errorf("number %s, want %s", file.Case.Number, want)
			}
		}
	}
}

func TestCommitStoresEverythingTogether(t *testing.T) {
	clock := &handClock{} // what is watched for a week has an end
	clock.at.Store(noon().Unix())
	s := storagetest.NewWith(t, storage.Options{Clock: clock})
	addSource(t, s, owner)
	src := lease(t, s, "w1", time.Minute)[0]
	talk := judgedAs(post(2, "Всем доброго утра"), 0)
	talk.Verdict.Kind = domain.Other
	b, judged := batchOf(src, `{"last":2}`, judgedAs(post(1, "Яма на Ленина"), 3, "copy:1", "place:3:lenina"), talk)
	b.Watches = []domain.Watch{{ID: judged[0].Post.ID, Comments: 2, Until: noon().AddDate(0, 0, 7), NextAt: noon()}}
	res := commit(t, s, b, judged)
	if res.Stored != 2 || res.Opened != 1 || res.Assigned != 1 || res.Kept != 1 || len(res.CaseIDs) != 1 {
		t.Fatalf("result = %+v", res)
	}
	file, err := s.CaseFile(t.Context(), res.CaseIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	if file.Case.Number != "27-2026-000001" || file.Case.AgencyID != "min-roads" || file.Case.State != domain.Coordination {
		t.Errorf("case = %+v", file.Case)
	}
	if len(file.Posts) != 1 || file.Posts[0].Text != "Яма на Ленина" || len(file.Assignments) != 1 || file.History[0].What != "opened" {
		t.Errorf("case file = %+v", file)
	}
	got, err := s.Source(t.Context(), src.ID)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Cursor) != `{"last": 2}` || got.State != domain.SourceActive || !got.LastOKAt.Equal(noon()) {
		t.Errorf("source = %+v", got)
	}
	notices, err := s.Notices(t.Context(), region, 10)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("assigned:case:%d:round:1", res.CaseIDs[0]); len(notices) != 1 || notices[0].Key != want || notices[0].CaseID != res.CaseIDs[0] {
		t.Errorf("notices = %+v, want key %s", notices, want)
	}
	watches, err := s.DueWatches(t.Context(), src.ID, 0, 10)
	if err != nil || len(watches) != 1 || watches[0].Comments != 2 {
		t.Errorf("watches = %+v, %v", watches, err)
	}
	if st := stats(t, s); st.Posts != 2 || st.Problems != 1 || st.Cases != 1 || st.Assigned != 1 || st.Review != 0 {
		t.Errorf("stats = %+v", st)
	}
}

func TestReplayChangesNothing(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	src.Epoch = 0
	b, judged := batchOf(src, `1`, judgedAs(post(1, "Яма"), 3, "a"), judgedAs(post(2, "Тоже яма"), 3, "a"), judgedAs(post(3, "Мусор"), 9, "b"))
	first := commit(t, s, b, judged)
	if first.Opened != 2 || first.Attached != 1 {
		t.Fatalf("first = %+v", first)
	}
	before := stats(t, s)
	again := commit(t, s, b, judged)
	if again.Unchanged != 3 || again.Stored+again.Changed+again.Opened+again.Attached+again.Review != 0 {
		t.Errorf("replay = %+v", again)
	}
	if after := stats(t, s); after != before {
		t.Errorf("stats %+v became %+v", before, after)
	}
	file, err := s.CaseFile(t.Context(), first.CaseIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	if file.Case.Posts != 2 || len(file.History) != 1 {
		t.Errorf("posts = %d, history = %+v", file.Case.Posts, file.History)
	}
}

func TestLostLeaseIsRefused(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	frozen := lease(t, s, "frozen", 50*time.Millisecond)[0]
	time.Sleep(80 * time.Millisecond)
	b, judged := batchOf(frozen, `9`, judgedAs(post(1, "Яма"), 3, "a"))
	if _, err := s.Commit(t.Context(), noon(), b, judged, route); !errors.Is(err, domain.ErrLeaseLost) {
		t.Errorf("lapsed lease: %v", err)
	}
	taken := lease(t, s, "other", time.Minute)
	if len(taken) != 1 || taken[0].Epoch != frozen.Epoch+1 {
		t.Fatalf("taken = %+v", taken)
	}
	if _, err := s.Commit(t.Context(), noon(), b, judged, route); !errors.Is(err, domain.ErrLeaseLost) {
		t.Errorf("taken lease: %v", err)
	}
	if st := stats(t, s); st.Posts != 0 {
		t.Errorf("stored %d posts", st.Posts)
	}
	got, err := s.Source(t.Context(), frozen.ID)
	if err != nil || got.Cursor != nil {
		t.Errorf("cursor = %s, %v", got.Cursor, err)
	}
	b, judged = batchOf(taken[0], `1`, judgedAs(post(1, "Яма"), 3, "a"))
	commit(t, s, b, judged)
}

func TestConcurrentCommitsOpenOneCase(t *testing.T) {
	s := storagetest.New(t)
	const workers, each = 8, 10
	var wg sync.WaitGroup
	for w := range workers {
		src := addSource(t, s, fmt.Sprint("-", w))
		wg.Go(func() {
			for i := range each {
				n := w*each + i
				keys := []string{fmt.Sprint("copy:", n), "place:3:lenina", fmt.Sprint("thread:", w%2)}
				b, judged := batchOf(src, "", judgedAs(post(n, fmt.Sprint("Яма ", n)), 3, keys...))
				if _, err := s.Commit(t.Context(), noon(), b, judged, route); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	cases, err := s.RecentCases(t.Context(), region, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) != 1 || cases[0].Posts != workers*each {
		t.Errorf("cases = %+v", cases)
	}
}

// Batches with the same posts in opposite orders neither deadlock nor double.
func TestConcurrentCommitsOfTheSamePosts(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	var forward, backward []domain.Judged
	for i := range 50 {
		forward = append(forward, judgedAs(post(i, fmt.Sprint("Яма ", i)), 3, fmt.Sprint("k", i%7)))
		backward = append(backward, judgedAs(post(49-i, fmt.Sprint("Яма ", 49-i)), 3, fmt.Sprint("k", (49-i)%7)))
	}
	var wg sync.WaitGroup
	for i := range 6 {
		order := forward
		if i%2 == 1 {
			order = backward
		}
		wg.Go(func() {
			b, judged := batchOf(src, "", append([]domain.Judged(nil), order...)...)
			if _, err := s.Commit(t.Context(), noon(), b, judged, route); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if st := stats(t, s); st.Posts != 50 || st.Cases != 7 {
		t.Errorf("stats = %+v", st)
	}
}

func TestEditsKeepHistoryAndNeverMoveACase(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"))
	opened := commit(t, s, b, judged)

	edit := post(1, "Яма и пахнет газом")
	edit.EditedAt = noon()
	j := judgedAs(edit, 40, "z")
	j.Verdict.Urgent = true
	b, judged = batchOf(src, "", j)
	res := commit(t, s, b, judged)
	if res.Changed != 1 || res.Opened != 0 || res.Review != 1 || len(res.UrgentCaseIDs) != 1 {
		t.Fatalf("edit = %+v", res)
	}
	file, err := s.CaseFile(t.Context(), opened.CaseIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	if file.Case.Row != 3 || !file.Case.Urgent || file.Case.State != domain.Coordination {
		t.Errorf("case = %+v", file.Case)
	}
	p, err := s.Post(t.Context(), edit.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Post.Text != edit.Text || len(p.Versions) != 1 || p.Versions[0].Text != "Яма" || len(p.Verdicts) != 2 || p.Verdicts[1].Latest {
		t.Errorf("post = %+v", p)
	}
	// An older version of the text, from a cache, is no news.
	b, judged = batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"))
	if res := commit(t, s, b, judged); res.Unchanged != 1 {
		t.Errorf("stale text: %+v", res)
	}
}

// VK repeats an event, or tries one again that others have passed: what a post
// said at its birth must undo neither an edit without a date nor a deletion.
func TestBirthOfAStoredPostIsNoNews(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	put := func(text string, first bool) domain.CommitResult {
		p := post(1, text)
		p.First = first
		b, judged := batchOf(src, "", judgedAs(p, 3, "a"))
		return commit(t, s, b, judged)
	}
	if res := put("Яма", true); res.Stored != 1 {
		t.Fatalf("birth = %+v", res)
	}
	if res := put("Яма на Ленина, 5", false); res.Changed != 1 {
		t.Fatalf("edit = %+v", res)
	}
	gone := domain.Batch{Source: src, Deletions: []domain.Deletion{{ID: post(1, "").ID, At: noon()}}}
	commit(t, s, gone, nil)
	if res := put("Яма", true); res.Unchanged != 1 {
		t.Errorf("birth told again = %+v", res)
	}
	p, err := s.Post(t.Context(), post(1, "").ID)
	if err != nil || p.Post.Text != "Яма на Ленина, 5" || p.DeletedAt.IsZero() {
		t.Errorf("post = %+v, %v", p, err)
	}
}

func TestMessageAndItsEditInOneBatch(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	edit := post(1, "Яма на Ленина, 5")
	edit.EditedAt = noon()
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"), judgedAs(edit, 3, "a", "b"))
	if res := commit(t, s, b, judged); res.Stored != 1 || res.Changed != 1 || res.Opened != 1 || res.Kept != 1 {
		t.Errorf("result = %+v", res)
	}
}

func TestDeletedPostKeepsItsCase(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"))
	opened := commit(t, s, b, judged)
	gone := domain.Batch{Source: src, Deletions: []domain.Deletion{{ID: judged[0].Post.ID, At: noon()}, {ID: domain.NewPostID(domain.VK, "-9", "9"), At: noon()}}}
	if res := commit(t, s, gone, nil); res.Deleted != 1 {
		t.Errorf("deletion = %+v", res)
	}
	if res := commit(t, s, gone, nil); res.Deleted != 0 {
		t.Errorf("second deletion = %+v", res)
	}
	file, err := s.CaseFile(t.Context(), opened.CaseIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	if !file.Gone[judged[0].Post.ID].Equal(noon()) || file.Case.State != domain.Coordination || file.History[1].What != "post_deleted" {
		t.Errorf("file = %+v", file)
	}
	// Seen again, it is there again.
	commit(t, s, b, judged)
	if p, err := s.Post(t.Context(), judged[0].Post.ID); err != nil || !p.DeletedAt.IsZero() {
		t.Errorf("deleted at %v, %v", p.DeletedAt, err)
	}
}

func TestAnUrgentPostRaisesTheCase(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", judgedAs(post(1, "Провод висит"), 3, "a"))
	opened := commit(t, s, b, judged)
	j := judgedAs(post(2, "Провод искрит, дети рядом"), 3, "a", "b")
	j.Verdict.Urgent = true
	b, judged = batchOf(src, "", j, judgedAs(post(3, "Провод"), 3, "b"))
	res := commit(t, s, b, judged)
	if res.Attached != 2 || len(res.UrgentCaseIDs) != 1 || res.UrgentCaseIDs[0] != opened.CaseIDs[0] {
		t.Fatalf("result = %+v", res)
	}
	file, err := s.CaseFile(t.Context(), opened.CaseIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	if !file.Case.Urgent || file.Case.Posts != 3 || len(file.History) != 2 {
		t.Errorf("case = %+v, history = %+v", file.Case, file.History)
	}
}

func TestPoisonIsRefusedByName(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	cases := map[string]domain.Judged{
		"NUL":           judgedAs(post(1, "яма\x00"), 3, "a"),
		"broken UTF-8":  judgedAs(post(2, "яма\xff"), 3, "a"),
		"no identity":   judgedAs(domain.Post{Text: "яма"}, 3, "a"),
		"huge identity": judgedAs(domain.Post{ID: domain.NewPostID(domain.VK, incompressible(), "1")}, 3, "a"),
		"confidence":    func() domain.Judged { j := judgedAs(post(3, "яма"), 3); j.Verdict.Confidence = 7; return j }(),
	}
	for name, j := range cases {
		b, judged := batchOf(src, `5`, judgedAs(post(9, "сосед"), 3, "n"), j)
		if _, err := s.Commit(t.Context(), noon(), b, judged, route); !errors.Is(err, domain.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if st := stats(t, s); st.Posts != 0 {
		t.Errorf("a refused batch left %d posts", st.Posts)
	}
	if got, err := s.Source(t.Context(), src.ID); err != nil || got.Cursor != nil {
		t.Errorf("a refused batch moved the cursor to %s (%v)", got.Cursor, err)
	}
}

// incompressible is text that makes an index row too big however it is packed.
func incompressible() string {
	var b strings.Builder
	x := uint32(2463534242)
	for range 8000 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		fmt.Fprintf(&b, "%08x", x)
	}
	return b.String()
}

func TestExtremeTextsAreStored(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	var many strings.Builder
	for i := range 120_000 {
		fmt.Fprintf(&many, "слово%d ", i)
	}
	texts := []string{"", "🔥🔥🔥", strings.Repeat("яма ", 260_000), many.String(), "е" + strings.Repeat("\u0301", 5000), strings.Repeat("ж", 1<<20)}
	var all []domain.Judged
	for i, text := range texts {
		p := post(i, text)
		p.Views, p.Comments = 1<<60, -1
		p.PublishedAt = time.Unix(1<<55, 0)
		p.Raw = []byte{0, 0xff, 1}
		all = append(all, judgedAs(p, 3))
	}
	b, judged := batchOf(src, "", all...)
	if res := commit(t, s, b, judged); res.Stored != len(texts) {
		t.Errorf("stored = %+v", res)
	}
	p, err := s.Post(t.Context(), judged[2].Post.ID)
	if err != nil || p.Post.Text != texts[2] || p.Post.Views != 1<<60 {
		t.Errorf("text came back changed: %v", err)
	}
}

func TestARouterThatInventsACaseIsRefused(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"))
	_, err := s.Commit(t.Context(), noon(), b, judged, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		return domain.Decision{Action: domain.ActionAttach, CaseID: 77}
	})
	if !errors.Is(err, domain.ErrRefused) {
		t.Errorf("error = %v", err)
	}
}

func TestPostsRoundTrip(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	p := post(1, "Яма")
	p.ID.Comment = "5"
	p.Geo = &domain.Geo{Lat: 48.48, Lon: 135.07}
	p.Origin = domain.NewPostID(domain.VK, "-5", "6")
	p.Thread = p.ID.Root()
	p.ReplyTo = domain.PostID{Platform: domain.VK, Owner: owner, Post: "1", Comment: "4"}
	p.Attachments = []domain.Attachment{{Type: "photo", URL: "https://example.org/1.jpg"}}
	p.Faults = []domain.Fault{{Code: domain.FaultNUL, Detail: "1"}}
	p.Home = "khabarovsk-city"
	b, judged := batchOf(src, "", judgedAs(p, 3, "a"))
	commit(t, s, b, judged)
	p.SourceID = src.ID
	var got domain.Post
	err := s.EachPost(t.Context(), region, func(jp storagePost) error { got = jp.Post; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := compare(p, got); diff != "" {
		t.Error(diff)
	}
}

// A commit with more keys than it may lock singly takes the region, and still
// shares no case with a small one by accident.
func TestBigCommitsTakeTheRegion(t *testing.T) {
	s := storagetest.New(t)
	var big []domain.Judged
	for i := range 700 {
		big = append(big, judgedAs(post(i, fmt.Sprint("Яма ", i)), 3, fmt.Sprint("k", i)))
	}
	var wg sync.WaitGroup
	for w := range 6 {
		src := addSource(t, s, fmt.Sprint("-", w))
		wg.Go(func() {
			var judged []domain.Judged
			if w%2 == 0 {
				for _, j := range big {
					j.Post.ID.Owner = fmt.Sprint("-", w)
					judged = append(judged, j)
				}
			} else {
				for i := range 40 {
					judged = append(judged, judgedAs(post(10_000*w+i, "Яма"), 3, fmt.Sprint("k", i*10)))
				}
			}
			b, judged := batchOf(src, "", judged...)
			if _, err := s.Commit(t.Context(), noon(), b, judged, route); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if st := stats(t, s); st.Posts != 3*700+3*40 || st.Cases != 700 {
		t.Errorf("stats = %+v", st)
	}
}
