package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// putModel trains a model of rows and puts it into force, whole or spoilt.
func (d *rulesDesk) putModel(seed uint64, seen string, spoil bool) string {
	d.t.Helper()
	var examples []model.Example
	for i := range 20 {
		examples = append(examples, model.Example{Text: "чмонька " + spelled(i), Labels: []string{"1"}}, model.Example{Text: "шмяга " + spelled(i), Labels: []string{"-"}})
	}
	m, err := model.Train(d.t.Context(), examples, model.Options{Column: "row", Seed: seed, Aside: model.AsideRule})
	if err != nil {
		d.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		d.t.Fatal(err)
	}
	file := b.Bytes()
	read, err := model.Read(bytes.NewReader(file))
	if err != nil {
		d.t.Fatal(err)
	}
	if spoil {
		file = file[:len(file)-3]
	}
	by := domain.Doer{Region: deskRegion, Login: "учитель", At: pagetest.Noon()}
	ref := domain.ModelRef{Label: "row", Hash: read.Sum()}
	if _, err := d.store.SaveModel(d.t.Context(), domain.ModelVersion{ModelRef: ref, Region: deskRegion, Examples: 40, Report: []byte("{}"), Comparison: []byte("{}"),
		CreatedAt: by.At, CreatedBy: by.Login}, file); err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.ActivateModel(d.t.Context(), storage.ModelSwitch{ModelRef: ref, Seen: seen, Reason: "лучше действующей",
		Comparison: fmt.Appendf(nil, `{"n": 50, "next": {"accuracy": 0.%d}}`, 87+seed)}, by); err != nil {
		d.t.Fatal(err)
	}
	d.follower.Refresh(d.t.Context())
	return ref.Hash
}

func TestModelsOnThePageOfRules(t *testing.T) {
	d := newRulesDesk(t)
	want(t, d.Get("/rules"), http.StatusOK, "Моделей нет: судят одни фразы")
	first := d.putModel(1, "", false)
	second := d.putModel(2, first, false)
	shown := d.Get("/rules")
	want(t, shown, http.StatusOK, "строки перечня", first[:12], second[:12], "89,0\u00a0% из 50", "учитель", "лучше действующей", "отложена или заменена", "Вернуть прежнюю")

	back := url.Values{"label": {"row"}, "model": {second}}
	d.as(domain.RoleAnalyst)
	if a := d.Get("/rules"); !a.Has("строки перечня") || a.Has("Вернуть прежнюю") {
		t.Errorf("an analyst: %s", a.Body)
	}
	want(t, d.Post("/rules/model/rollback", back), http.StatusForbidden)
	d.as(domain.RoleAdministrator)
	want(t, d.Post("/rules/model/rollback", url.Values{"label": {"row"}, "model": {first}}), http.StatusConflict, "действующую модель сменили")
	want(t, d.Post("/rules/model/rollback", nil), http.StatusUnprocessableEntity, "Форма устарела")
	want(t, d.Post("/rules/model/rollback", back), http.StatusSeeOther)
	want(t, d.Get("/rules"), http.StatusOK, "Снова действует модель "+first[:12])
	d.follower.Refresh(t.Context())
	if m := d.follower.Models(deskRegion)["row"]; m == nil || m.Sum() != first {
		t.Error("the model before does not judge")
	}
	if a := d.Get("/rules"); a.Has("не читается") {
		t.Errorf("%s", a.Body)
	}
	broken := d.putModel(3, first, true)
	want(t, d.Get("/rules"), http.StatusOK, broken[:12], "введена, но не читается")
	want(t, d.Post("/rules/model/rollback", url.Values{"label": {"row"}, "model": {broken}}), http.StatusSeeOther)
	want(t, d.Post("/rules/model/rollback", url.Values{"label": {"row"}, "model": {first}}), http.StatusSeeOther)
	want(t, d.Get("/rules"), http.StatusOK, "снова судят одни фразы")
}
