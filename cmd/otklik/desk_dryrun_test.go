package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// judgedOtherwise keeps posts with another verdict than the pack would give.
func (d *rulesDesk) judgedOtherwise(texts ...string) {
	d.t.Helper()
	src, err := d.store.AddSource(d.t.Context(), domain.Source{Region: deskRegion, Kind: domain.VKCallback, Address: "7"})
	if err != nil {
		d.t.Fatal(err)
	}
	batch := domain.Batch{Source: src, State: domain.SourceActive}
	var judged []domain.Judged
	for i, text := range texts {
		p := domain.Post{ID: domain.NewPostID(domain.VK, "-7", fmt.Sprint(i+1)), Region: deskRegion, SourceID: src.ID, Kind: domain.WallPost, Text: text, PublishedAt: pagetest.Noon()}
		batch.Posts = append(batch.Posts, p)
		judged = append(judged, domain.Judged{Post: p, Verdict: domain.Verdict{Kind: domain.Problem, PackHash: "прежний", Reason: "обычный порядок", Language: "ru"}})
	}
	kept := domain.Decision{Action: domain.ActionKeep, Reason: "test", Words: "проверка"}
	if _, err := d.store.Commit(d.t.Context(), pagetest.Noon(), batch, judged, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision { return kept }); err != nil {
		d.t.Fatal(err)
	}
}

// What a dry run would change goes to XLSX, masked; not what is not finished.
func TestDryRunOfRulesGoesToXLSX(t *testing.T) {
	d := newRulesDesk(t)
	d.judgedOtherwise("=скидки на всё, звоните 89141234567", "Спасибо врачам")
	version := "/rules/version/" + d.activeShort()
	file := version + "/dry-run.xlsx"
	want(t, d.Get(file), http.StatusNotFound, "сначала прогоните")
	want(t, d.Post(version+"/dry-run", nil), http.StatusSeeOther)
	d.await(version, "Просмотрено: 2. Изменилось бы: 2, из них орган: 0")
	if !d.Get(version).Has(file) {
		t.Error("the page does not offer the file")
	}
	rows := d.Get(file).Sheet(t)
	texts := []string{}
	for _, r := range rows {
		texts = append(texts, r[0]+"|"+r[1]+"|"+r[2])
	}
	slices.Sort(texts)
	if want := []string{"=скидки на всё, звоните [телефон скрыт]|обычный порядок → ЦУР края|не обращение", "Спасибо врачам|обычный порядок → ЦУР края|благодарность"}; !slices.Equal(texts, want) {
		t.Errorf("%q", texts)
	}
	d.as(domain.RoleReader)
	if a := d.Get(version); a.Has("xlsx") {
		t.Error("a reader is offered a file")
	}
	want(t, d.Get(file), http.StatusForbidden)
}
