package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// spelled is a word of letters for a number: examples differ in words, not digits.
func spelled(n int) string {
	var b strings.Builder
	for _, d := range fmt.Sprint(n + 1000) {
		b.WriteString([]string{"ба", "ве", "ги", "до", "жу", "зэ", "кю", "ля", "мо", "не"}[d-'0'])
	}
	return b.String()
}

// onPack is a database with the pack of Khabarovsk in force.
func onPack(t *testing.T) (environ []string, dsn string, store *storage.Store) {
	t.Helper()
	environ, dsn = onDatabase(t)
	store = storagetest.Open(t, dsn, storage.Options{})
	if _, err := activatePack(t.Context(), store, filesOf(t, "khabarovsk"), time.Now(), "проверка"); err != nil {
		t.Fatal(err)
	}
	return environ, dsn, store
}

// learnable is a region with an import in words of no pack, and what these words
// are rows of.
func learnable(t *testing.T) (environ []string, dsn, names string, store *storage.Store) {
	t.Helper()
	environ, dsn, store = onPack(t)
	var rows [][]any
	for i := range 120 {
		rows = append(rows,
			[]any{fmt.Sprint("a", i), "Примите меры, чмонька у дома " + spelled(i) + ", сколько можно ждать", "Странное", "Чмоньки", "Министерство чмонек", "Хабаровск", "", ""},
			[]any{fmt.Sprint("b", i), "Примите меры, шмяга у дома " + spelled(i) + ", сколько можно ждать", "Странное", "Шмяги", "Министерство шмяг", "Хабаровск", "", ""})
	}
	rows = append(rows, []any{"c1", "Примите меры, хрямзя, звоните 89141234567", "Странное", "Хрямзи", "", "", "", ""})
	command(t, environ, "", "import", "--region", "khabarovsk", exported(t, rows...)).want(t, 0)
	names = filepath.Join(t.TempDir(), "соответствия.csv")
	if err := os.WriteFile(names, []byte("Тема;row\nЧмоньки;98\nШмяги;3|4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return environ, dsn, names, store
}

// hashIn finds the version that an output speaks of.
func hashIn(t *testing.T, out string) string {
	t.Helper()
	m := regexp.MustCompile(`Модель ([0-9a-f]{12})`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no version is named:\n%s", out)
	}
	return m[1]
}

func TestModelsOfARegion(t *testing.T) {
	t.Parallel()
	environ, dsn, names, store := learnable(t)
	inForce := func() string {
		return query[string](t, dsn, "SELECT coalesce(string_agg(label || ' ' || left(hash, 12), ','), '') FROM model_versions WHERE active")
	}
	train := []string{"train", "--from-db", "--region", "khabarovsk", "--label", "row", "--map", names}

	src, err := store.AddSource(t.Context(), domain.Source{Region: "khabarovsk", Kind: domain.VKWall, Address: "-5"})
	if err != nil {
		t.Fatal(err)
	}
	post := domain.Post{ID: domain.NewPostID(domain.VK, "-5", "1"), Region: "khabarovsk", SourceID: src.ID, Kind: domain.WallPost,
		Text: "Примите меры, чмонька у дома", PublishedAt: time.Now().UTC()}
	judged := domain.Judged{Post: post, Verdict: domain.Verdict{Kind: domain.Problem, PackHash: "до модели", Reason: "обычный порядок", Language: "ru"}}
	kept := domain.Decision{Action: domain.ActionKeep, Reason: "test", Words: "проверка"}
	if _, err := store.Commit(t.Context(), time.Now().UTC(), domain.Batch{Source: src, State: domain.SourceActive, Posts: []domain.Post{post}}, []domain.Judged{judged},
		func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision { return kept }); err != nil {
		t.Fatal(err)
	}

	dry := command(t, environ, "", append(train, "--dry-run")...).want(t, 0)
	for _, want := range []string{"лучше действующей: на ", "vk:-5_1", "было: обычный порядок", "стало: строка 98", "Просмотрено сообщений: 1. Изменился бы вердикт: 1"} {
		if !strings.Contains(dry.out, want) {
			t.Errorf("not said: %q in\n%s", want, dry.out)
		}
	}
	for _, want := range []string{"исправлений 0, подтверждённых ответом 0, отклонённых сообщений 0, из выгрузок 240", "нет соответствия: «Хрямзи» — 1", "отложено для сравнения"} {
		if !strings.Contains(dry.errout, want) {
			t.Errorf("not said: %q in\n%s", want, dry.errout)
		}
	}
	if n := query[int](t, dsn, "SELECT count(*) FROM model_versions"); n != 0 {
		t.Errorf("a dry run has kept %d models", n)
	}

	first := hashIn(t, command(t, environ, "", train...).want(t, 0).out)
	if got := inForce(); got != "row "+first {
		t.Fatalf("in force: %q", got)
	}
	if again := command(t, environ, "", train...).want(t, 0); !strings.Contains(again.out, "уже действует") {
		t.Errorf("the same examples and seed give another model:\n%s", again.out)
	}

	// Another as good as the one in force stays aside, until somebody insists.
	aside := command(t, environ, "", append(train, "--seed", "2")...).want(t, 0)
	second := hashIn(t, aside.out)
	if second == first || !strings.Contains(aside.out, "не лучше действующей: на ") || inForce() != "row "+first {
		t.Errorf("in force %q:\n%s", inForce(), aside.out)
	}
	if list := command(t, environ, "", "model", "list", "--region", "khabarovsk").want(t, 0).out; !strings.Contains(list, "* row            "+first) || !strings.Contains(list, "  row            "+second) || strings.Count(list, "лучше действующей") != 2 {
		t.Errorf("%s", list)
	}
	refused := command(t, environ, "", "model", "activate", second, "--region", "khabarovsk").want(t, 1)
	if !strings.Contains(refused.out, "отложена") || inForce() != "row "+first {
		t.Errorf("in force %q:\n%s", inForce(), refused.out)
	}
	command(t, environ, "", "model", "activate", second[:8], "--region", "khabarovsk", "--force", "--by", "Анна").want(t, 0)
	if words := query[string](t, dsn, "SELECT words FROM journal WHERE action = 'model_activated' AND who = 'Анна'"); inForce() != "row "+second || !strings.Contains(words, "вопреки сравнению") {
		t.Errorf("in force %q, %s", inForce(), words)
	}
	// The region keeps the table: what was learned without naming it knows the same names.
	again := command(t, environ, "", "train", "--from-db", "--region", "khabarovsk", "--label", "row", "--dry-run").want(t, 0)
	if !strings.Contains(again.errout, "соответствия: таблица "+filepath.Base(names)) || !strings.Contains(again.errout, "из выгрузок 240") {
		t.Errorf("%s", again.errout)
	}
	show := command(t, environ, "", "model", "show", second, "--region", "khabarovsk").want(t, 0).out
	for _, want := range []string{"действует вопреки сравнению, ввёл(а) Анна", "из выгрузок 240", "меток 3", "без человека: по порогу пакета, для своего отложено мало"} {
		if !strings.Contains(show, want) {
			t.Errorf("not said: %q in\n%s", want, show)
		}
	}
	if out := command(t, environ, "", "model", "dry-run", first, "--region", "khabarovsk").want(t, 0).out; !strings.Contains(out, "стало: строка 98") {
		t.Errorf("%s", out)
	}
	if out := command(t, environ, "", "rules", "dry-run", "khabarovsk").want(t, 0).out; !strings.Contains(out, "стало: строка 98") {
		t.Errorf("rules are tried without the model in force:\n%s", out)
	}
	for _, want := range []string{"row " + first, ""} {
		command(t, environ, "", "model", "rollback", "--region", "khabarovsk", "--label", "row").want(t, 0)
		if got := inForce(); got != want {
			t.Errorf("in force after going back: %q, want %q", got, want)
		}
	}
	if got := command(t, environ, "", "model", "rollback", "--region", "khabarovsk", "--label", "row").want(t, 1); !strings.Contains(got.errout, "нет действующей модели") {
		t.Errorf("%s", got.errout)
	}
}

// A model learned without the table that the one in force was learned by does not take
// its place, whatever the examples aside say.
func TestAModelThatHasLostLabelsStaysAside(t *testing.T) {
	t.Parallel()
	learned := func(labels ...string) *model.Model {
		t.Helper()
		var examples []model.Example
		for i := range 12 * len(labels) {
			label := labels[i%len(labels)]
			examples = append(examples, model.Example{Text: label + " у дома " + spelled(i), Labels: []string{label}})
		}
		m, err := model.Train(t.Context(), examples, model.Options{Column: "agency", Seed: 1, Aside: model.AsideRule})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	c := &court{label: "agency", now: learned("лифт", "мусор", "яма")}
	for reason, next := range map[string]*model.Model{
		"не знает меток, которые знает действующая: «мусор» (": learned("лифт", "яма"),
		"отложено только 0": learned("лифт", "мусор", "яма", "вода"),
	} {
		if got, err := c.compare(next, model.Terms{Margin: 0.1, Least: 5}); err != nil || got.Better || !strings.Contains(got.Reason, reason) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestTrainFromDBSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	environ, _, names, _ := learnable(t)
	wrong := filepath.Join(t.TempDir(), "чужие.csv")
	if err := os.WriteFile(wrong, []byte("Тема;row\nЧмоньки;900\nШмяги;?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"train --from-db --label row":                                   "нужен --region",
		"train --from-db --region khabarovsk --label цвет":              "а не «цвет»",
		"train --from-db --region kaliningrad --label row":              "нет пакета в базе",
		"train --from-db --region khabarovsk --label row":               "учиться не на чем",
		"train --from-db --region khabarovsk --label kind":              "одна метка kind",
		"train --from-db --region khabarovsk --label row --map WRONG":   "учиться не на чем",
		"train --from-db --region khabarovsk --label topic --map NAMES": "нужны столбец «topic»",
		"train --from-db --region khabarovsk --label topic":             "учиться не на чем",
		"train --from-db --region khabarovsk --label agency --dry-run":  "только для row и kind",
		"train --from-db --region khabarovsk --label row --text x":      "--text",
		"train --from-db --region khabarovsk --label row --with Тема":   "--with",
		"train --label row": "нужен ключ",
		"train --in NAMES --text Тема --label row --out /nowhere --dry-run": "только с --from-db",
		"model show ffff --region khabarovsk":                               "нет модели ffff",
	} {
		list := strings.Fields(strings.NewReplacer("WRONG", wrong, "NAMES", names).Replace(args))
		if got := command(t, environ, "", list...).want(t, 1); !strings.Contains(got.errout, want) {
			t.Errorf("%s: %q does not hold %q", args, got.errout, want)
		}
	}
	got := command(t, environ, "", "train", "--from-db", "--region", "khabarovsk", "--label", "row", "--map", wrong)
	if !strings.Contains(got.errout, "«900»: в пакете этого нет — 120") || !strings.Contains(got.errout, "стоит «?» — 120") {
		t.Errorf("%s", got.errout)
	}
	// Names of the import can be learned as they are; such a model judges no posts.
	topics := command(t, environ, "", "train", "--from-db", "--region", "khabarovsk", "--label", "incident_topic").want(t, 0)
	if !strings.Contains(topics.out, "введена в действие. Рядом с фразами стоят только модели row и kind") {
		t.Errorf("%s", topics.out)
	}
}

// Of equal texts one teaches: a correction before what was answered, before the
// import, and of two corrections the newer one. Personal data are hidden.
func TestLessonsOfEqualTexts(t *testing.T) {
	t.Parallel()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	l := newLessons(pack, labelRow, nil)
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	for _, e := range []domain.Lesson{
		{From: domain.FromCorrection, Text: "Яма у дома 5", Kind: domain.Problem, Row: 3, At: day(5)},
		{From: domain.FromCorrection, Text: "яма, у дома 7!", Kind: domain.Problem, Row: 4, At: day(6)},
		{From: domain.FromCorrection, Text: "ЯМА у дома", Kind: domain.Problem, Row: 5, At: day(1)},
		{From: domain.FromAnswer, Text: "Яма у дома", Kind: domain.Problem, Row: 6, At: day(9)},
		{From: domain.FromAnswer, Text: "Мусор, звоните 89141234567", Kind: domain.Problem, At: day(9)},
		{From: domain.FromAnswer, Text: "Другая строка", Kind: domain.Problem, Row: 900},
		{From: domain.FromDismissal, Text: "Продам гараж", Kind: domain.Other},
		{From: domain.FromAnswer, Text: "👍 5", Kind: domain.Problem},
	} {
		labels, why := l.ofDesk(e)
		l.add(e.From, model.Example{Text: e.Text, Labels: labels}, why, e.At)
	}
	past := domain.PastIncident{Text: "Мусор, звоните", Topic: pack.Topics[0].Title}
	labels, why := l.ofPast(past)
	l.add(domain.FromImport, model.Example{Text: past.Text, Labels: labels}, why, day(20))
	var got []string
	for _, e := range l.list {
		got = append(got, fmt.Sprint(e.from, " ", e.Text, " ", e.Labels))
	}
	want := []string{"correction яма, у дома 7! [4]", "answer Мусор, звоните [телефон скрыт] [-]"}
	if row := pack.RowOf(pack.Topics[0].ID); row > 0 {
		want = append(want, fmt.Sprintf("import Мусор, звоните [%d]", row))
	} else {
		want = append(want, "import Мусор, звоните [-]")
	}
	if !slices.Equal(got, want) || l.copies != 3 {
		t.Errorf("%q, %d copies\nwant %q", got, l.copies, want)
	}
	l.ofPast(domain.PastIncident{Text: "Вода", Topic: "Вода, 89141234567"})
	if l.unnamed["Вода, [телефон скрыт]"] != 1 {
		t.Errorf("names without a counterpart: %v", l.unnamed)
	}
	if l.left["строки нет в пакете"] != 1 || l.left["не обращения"] != 1 || l.left["без слов"] != 1 {
		t.Errorf("left: %v", l.left)
	}
}

// What people dismissed stands beside the examples aside as these do: masked, of equal
// texts one, and none that teaches as a problem.
func TestOthersAsideGoAsExamplesDo(t *testing.T) {
	t.Parallel()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	l := newLessons(pack, labelRow, nil)
	dismissed := func(text string) {
		l.other(domain.Lesson{From: domain.FromDismissal, Text: text, Kind: domain.Other})
	}
	onlyMasked, onlyRaw, both := "", "", ""
	for i := 0; onlyMasked == "" || onlyRaw == "" || both == ""; i++ {
		text := "Пишите " + spelled(i) + ", anna.petrova@example.com"
		switch raw, masked := model.Aside(text), model.Aside(domain.Mask(text)); {
		case masked && !raw:
			onlyMasked = text
		case raw && !masked:
			onlyRaw = text
		case raw:
			both = text
		}
	}
	for _, text := range []string{onlyMasked, onlyRaw, both, both + "!", "👍"} {
		dismissed(text)
	}
	if want := []string{domain.Mask(onlyMasked), domain.Mask(both)}; !slices.Equal(l.othersAlone(), want) {
		t.Errorf("%q, want %q", l.othersAlone(), want)
	}
	l.add(domain.FromImport, model.Example{Text: both, Labels: []string{"3"}}, "", time.Time{})
	if got := l.othersAlone(); len(got) != 1 {
		t.Errorf("a problem of the import is none too: %q", got)
	}
}
