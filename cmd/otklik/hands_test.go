package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// fakeHands is a store in which some words wait for the address of a chat.
type fakeHands struct {
	waits  []int64
	asked  [][]int64 // what was held at each claim
	gone   error
	ended  []int64
	looked int
}

func (f *fakeHands) WordsInHand(context.Context, []byte) ([]int64, error) { return f.waits, f.gone }

func (f *fakeHands) StillInHand(_ context.Context, ids []int64) ([]int64, error) {
	f.looked++
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !slices.Contains(f.waits, id) }), f.gone
}

func (f *fakeHands) ClaimInHand(_ context.Context, held []int64, _ time.Duration) (domain.Delivery, bool, error) {
	slices.Sort(held)
	f.asked = append(f.asked, held)
	if len(held) == 0 {
		return domain.Delivery{}, false, nil
	}
	return domain.Delivery{ID: held[0], Attempt: 1}, true, nil
}

func (f *fakeHands) FinishDelivery(_ context.Context, end domain.DeliveryEnd, _ time.Time) error {
	f.ended = append(f.ended, end.ID)
	return f.gone
}

func (f *fakeHands) AddressOf(context.Context, int64) (storage.WordAddress, error) {
	return storage.WordAddress{Platform: domain.VK, Owner: "-100"}, f.gone
}

func (f *fakeHands) StaffAddressOf(context.Context, int64) (storage.StaffAddress, error) {
	return storage.StaffAddress{Platform: domain.MAX, Owner: "77"}, f.gone
}

func heardFrom(chat string) *domain.Post {
	return &domain.Post{Private: &domain.Private{Chat: chat, ChatKeys: [][]byte{{1}}}}
}

func TestHandsKnowTheWayUntilTheWordsAreThere(t *testing.T) {
	f := &fakeHands{waits: []int64{7, 8}}
	h := newHands(f)
	if _, ok, err := h.ClaimDelivery(t.Context(), time.Minute); ok || err != nil {
		t.Fatalf("claimed with empty hands: %v, %v", ok, err)
	}
	if err := h.hold(t.Context(), heardFrom("5550123")); err != nil {
		t.Fatal(err)
	}
	d, ok, err := h.ClaimDelivery(t.Context(), time.Minute)
	if want := domain.NewPrivateID(domain.VK, "-100", "5550123", "0"); err != nil || !ok || d.To != want {
		t.Fatalf("claimed %+v, %v, %v", d, ok, err)
	}
	if err := h.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: 7, State: domain.DeliveryWaiting}, time.Now()); err != nil || !slices.Contains(h.ids(), 7) {
		t.Errorf("after a refusal it holds %v, %v", h.ids(), err)
	}
	if err := h.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: 7, State: domain.Delivered}, time.Now()); err != nil || slices.Contains(h.ids(), 7) {
		t.Errorf("it holds %v of what is there, %v", h.ids(), err)
	}
}

// What somebody else has ended, or was taken back, is let go within a minute.
func TestHandsLetGoOfWhatIsOver(t *testing.T) {
	f := &fakeHands{waits: []int64{7, 8}}
	h := newHands(f)
	at := time.Now()
	h.now = func() time.Time { return at }
	if err := h.hold(t.Context(), heardFrom("5550123")); err != nil {
		t.Fatal(err)
	}
	f.waits = []int64{8}
	at = at.Add(2 * handsLook)
	for range 3 {
		if _, _, err := h.ClaimDelivery(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.ids(); !slices.Equal(got, []int64{8}) || f.looked != 1 {
		t.Errorf("holds %v after %d looks", got, f.looked)
	}
}

// An address that could not be kept is given again: the update is not acknowledged.
func TestHandsSayWhenTheyCannotHold(t *testing.T) {
	b := &botDesk{hands: newHands(&fakeHands{gone: domain.ErrUnavailable})}
	if err := b.Answered(t.Context(), []domain.Post{*heardFrom("5")}); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if err := b.Answered(t.Context(), []domain.Post{{}}); err != nil {
		t.Errorf("of a post that is no message: %v", err)
	}
}
