package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// importLearnable imports two kinds of complaints in words of no pack, under names of topics
// that the pack has.
func importLearnable(t *testing.T, environ []string) {
	t.Helper()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	var titles []string // of topics of different rows
	last := 0
	for _, topic := range pack.Topics {
		if row := pack.RowOf(topic.ID); row != 0 && row != last && len(titles) < 2 {
			titles, last = append(titles, topic.Title), row
		}
	}
	var rows [][]any
	for i := range 120 {
		rows = append(rows,
			[]any{fmt.Sprint("a", i), "Сколько можно терпеть? Во дворе опять чмонька, примите меры, никто не отвечает! " + spelled(i), "Странное", titles[0], "Министерство", "Хабаровск", "", ""},
			[]any{fmt.Sprint("b", i), "Сколько можно терпеть? Во дворе опять шмяга, примите меры, никто не отвечает! " + spelled(i), "Странное", titles[1], "Министерство", "Хабаровск", "", ""})
	}
	command(t, environ, "", "import", "--region", "khabarovsk", exported(t, rows...)).want(t, 0)
}

// awaitTask waits for the end of an order.
func awaitTask(t *testing.T, store *storage.Store, id int64, state domain.BackgroundState) domain.Background {
	t.Helper()
	for limit := time.Now().Add(4 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		got, err := store.Task(t.Context(), "khabarovsk", id)
		if err != nil {
			t.Fatal(err)
		}
		if got.State == state {
			return got
		}
		if got.State != domain.BackgroundRunning || time.Now().After(limit) {
			t.Fatalf("it is %s, not %s: %s", got.State, state, got.Error)
		}
	}
}

// What is ordered at the desk is done by a process of its own of whoever has the role,
// not by the desk; the newly learned is in force, and the row tells the result.
func TestAnOrderIsLearnedByAProcessOfItsOwn(t *testing.T) {
	t.Parallel()
	environ, dsn, store := onPack(t)
	importLearnable(t, environ)
	order := func(kind string) int64 {
		t.Helper()
		id, err := store.OrderLearning(t.Context(), domain.Background{Region: "khabarovsk", Kind: kind, Subject: "row", Who: "admin27", CreatedAt: time.Now(), Waiting: true})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	environ = append(environ, "OTKLIK_REGIONS=khabarovsk", "OTKLIK_DESK_LISTEN=127.0.0.1:0", "OTKLIK_HOOKS_LISTEN=127.0.0.1:0", "OTKLIK_METRICS_LISTEN=127.0.0.1:0")
	desk := start(t, environ, "serve", "--roles", "desk")
	desk.await("msg=serving")
	dry := order(domain.TaskTrainDryRun)
	time.Sleep(2 * trainerLook)
	if under, err := store.LearningUnderWay(t.Context(), "khabarovsk", time.Now()); err != nil || len(under) != 1 || !under[0].Waiting {
		t.Fatalf("a process without the role takes it: %+v, %v", under, err)
	}
	if code := desk.stop(); code != 0 {
		t.Fatal(desk.out.String())
	}
	jobs := start(t, environ, "serve", "--roles", "deadline")
	jobs.await("msg=serving")
	var tried, learned packs.Training
	if err := json.Unmarshal(awaitTask(t, store, dry, domain.BackgroundDone).Result, &tried); err != nil {
		t.Fatal(err)
	}
	if tried.Run == nil || tried.Outcome != "" || !strings.Contains(tried.Sources, "из выгрузок 240") || query[int](t, dsn, "SELECT count(*) FROM model_versions") != 0 {
		t.Errorf("the dry run: %+v", tried)
	}
	done := awaitTask(t, store, order(domain.TaskTrain), domain.BackgroundDone)
	if err := json.Unmarshal(done.Result, &learned); err != nil {
		t.Fatal(err)
	}
	if learned.Next < 0.5 {
		t.Errorf("it is right in %.2f", learned.Next)
	}
	if by := query[string](t, dsn, "SELECT created_by FROM model_versions WHERE hash = $1 AND active", learned.Hash); learned.Outcome != packs.PutInForce || !learned.Better || by != "admin27" {
		t.Errorf("learned: %+v, by %s", learned, by)
	}
	if done.Done < learningShare {
		t.Errorf("its progress ended at %d", done.Done)
	}
	if code := jobs.stop(); code != 0 {
		t.Fatal(jobs.out.String())
	}
}

// While one learns a command does not, and says who does.
func TestACommandDoesNotLearnBesideAnOrder(t *testing.T) {
	t.Parallel()
	environ, dsn, store := onPack(t)
	at := time.Now()
	if _, err := store.OrderLearning(t.Context(), domain.Background{Region: "khabarovsk", Kind: domain.TaskTrainDryRun, Subject: "kind", Who: "admin27", CreatedAt: at}); err != nil {
		t.Fatal(err)
	}
	got := command(t, environ, "", "train", "--from-db", "--region", "khabarovsk", "--label", "row").want(t, 1)
	if !strings.Contains(got.errout, "уже идёт обучение «kind»: начал(а) admin27 "+at.UTC().Format("02.01.2006")) {
		t.Errorf("%s", got.errout)
	}
	// One that has nothing to learn from says so in its row.
	execute(t, dsn, "UPDATE background_tasks SET state = 'stopped', finished_at = now()")
	command(t, environ, "", "train", "--from-db", "--region", "khabarovsk", "--label", "row").want(t, 1)
	if words := query[string](t, dsn, "SELECT error FROM background_tasks WHERE kind = 'train' AND state = 'failed'"); !strings.Contains(words, "учиться не на чем") {
		t.Errorf("its row: %q", words)
	}
}

// endless is a trainer whose children never end by themselves.
func endless(t *testing.T, script string) (*trainer, *storage.Store, domain.Background) {
	t.Helper()
	store := storagetest.New(t)
	o := domain.Background{Region: "khabarovsk", Kind: domain.TaskTrain, Subject: "row", Who: "admin27", CreatedAt: time.Now(), Waiting: true}
	var err error
	if o.ID, err = store.OrderLearning(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return &trainer{store: store, regions: func() []string { return []string{"khabarovsk"} }, clock: domain.SystemClock{}, log: slog.New(slog.DiscardHandler), every: trainerLook,
		command: func(ctx context.Context, _ domain.Background) *exec.Cmd {
			return exec.CommandContext(ctx, "sh", "-c", script)
		}}, store, o
}

// A process that dies leaves its order named as such.
func TestATrainingThatDiesIsNamed(t *testing.T) {
	t.Parallel()
	for script, words := range map[string]string{"kill -9 $$": "не хватило памяти", "exit 3": "с кодом 3", "kill -6 $$": "прервался"} {
		tr, store, o := endless(t, script)
		tr.look(t.Context(), "khabarovsk", func() {})
		got, err := store.Task(t.Context(), "khabarovsk", o.ID)
		if err != nil || got.State != domain.BackgroundFailed || !strings.Contains(got.Error, words) {
			t.Errorf("%s: %+v, %v", script, got, err)
		}
	}
}

// A training that ends with its process is no failure: killed, its order goes back,
// unless a person has stopped it; having given it back itself, it is left to whoever
// took it since.
func TestATrainingThatEndsWithItsProcessDoesNotFail(t *testing.T) {
	t.Parallel()
	const killed, spoke = "exec sleep 600", "trap 'exit 1' TERM; while :; do sleep 0.1; done"
	another := func(t *testing.T, s *storage.Store, id int64) {
		if back, err := s.ReturnLearning(t.Context(), domain.TaskHold{ID: id, Epoch: 1}); err != nil || !back {
			t.Error(back, err)
		}
		if got, taken, err := s.TakeLearning(t.Context(), "khabarovsk", time.Now()); err != nil || !taken || got.Epoch != 2 {
			t.Error(got, taken, err)
		}
	}
	for name, c := range map[string]struct {
		script    string
		meanwhile func(*testing.T, *storage.Store, int64)
		state     domain.BackgroundState
		waiting   bool
	}{
		"killed": {killed, func(*testing.T, *storage.Store, int64) {}, domain.BackgroundRunning, true},
		"killed and stopped": {killed, func(t *testing.T, s *storage.Store, id int64) {
			if err := s.StopTask(t.Context(), "khabarovsk", id); err != nil {
				t.Error(err)
			}
		}, domain.BackgroundStopped, false},
		"taken by another":             {spoke, another, domain.BackgroundRunning, false},
		"taken by another, and killed": {killed, another, domain.BackgroundRunning, false},
	} {
		tr, store, o := endless(t, c.script)
		ctx, stop := context.WithCancel(t.Context())
		tr.look(ctx, "khabarovsk", func() {
			if ctx.Err() == nil {
				c.meanwhile(t, store, o.ID)
				stop()
			}
		})
		stop()
		got, err := store.Task(t.Context(), "khabarovsk", o.ID)
		if err != nil || got.State != c.state || got.Waiting != c.waiting || got.Error != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Stopped by a person in the moment its process is told to stop, an order ends as the
// former.
func TestAnOrderStoppedWhileItsProcessStops(t *testing.T) {
	t.Parallel()
	_, store, o := endless(t, "")
	order, taken, err := store.TakeLearning(t.Context(), "khabarovsk", time.Now())
	if err != nil || !taken {
		t.Fatal(taken, err)
	}
	if err := store.StopTask(t.Context(), "khabarovsk", o.ID); err != nil {
		t.Fatal(err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	run := &learningRun{cmd: trainCmd{Task: o.ID}, store: store, task: order.Hold()}
	if err := run.end(ended, packs.Training{}, ended.Err()); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Task(t.Context(), "khabarovsk", o.ID); err != nil || got.State != domain.BackgroundStopped {
		t.Errorf("its order: %+v, %v", got, err)
	}
}

// Told to stop, the training gives its order back: the next process begins it anew.
func TestATrainingGoesBackWhenItsProcessStops(t *testing.T) {
	t.Parallel()
	environ, _, store := onPack(t)
	importLearnable(t, environ)
	o := domain.Background{Region: "khabarovsk", Kind: domain.TaskTrain, Subject: "row", Who: "admin27", CreatedAt: time.Now(), Waiting: true}
	id, err := store.OrderLearning(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, taken, err := store.TakeLearning(t.Context(), "khabarovsk", time.Now()); err != nil || !taken {
		t.Fatal(taken, err)
	}
	child := start(t, environ, "train", "--from-db", "--region", "khabarovsk", "--label", "row", "--task", fmt.Sprint(id), "--epoch", "1", "--seed", "3")
	child.await("примеры:")
	if err := child.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = child.cmd.Wait() // it was told to stop
	got, err := store.Task(t.Context(), "khabarovsk", id)
	if err != nil || !got.Waiting || got.State != domain.BackgroundRunning {
		t.Errorf("its order: %+v, %v\n%s", got, err, child.out.String())
	}
}

// The page orders, refuses to learn before a dry run, shows the way and the result.
func TestLearningOnThePageOfRules(t *testing.T) {
	d := newRulesDesk(t)
	want(t, d.Get("/rules"), http.StatusOK, "Обучить модель", "/rules/learning")
	want(t, d.Get("/rules/learning"), http.StatusOK, "Строки перечня", "Ещё не учили", "Пробный прогон")
	row := url.Values{"label": {"row"}}
	want(t, d.Post("/rules/learning/start", row), http.StatusUnprocessableEntity, "Сначала посмотрите пробный прогон")
	want(t, d.Post("/rules/learning/dry-run", url.Values{"label": {"topic"}}), http.StatusUnprocessableEntity, "Выберите, чему учить")
	want(t, d.Post("/rules/learning/dry-run", row), http.StatusSeeOther)
	want(t, d.Get("/rules/learning"), http.StatusOK, "Пробный прогон: строки перечня", "Ждёт процесса", "Остановить")
	want(t, d.Post("/rules/learning/dry-run", row), http.StatusSeeOther)
	want(t, d.Get("/rules/learning"), http.StatusOK, "вторая работа не начата")
	o, taken, err := d.store.TakeLearning(t.Context(), deskRegion, pagetest.Noon())
	if err != nil || !taken {
		t.Fatal(taken, err)
	}
	if _, err := d.store.LearningProgress(t.Context(), o.Hold(), 43, 100); err != nil {
		t.Fatal(err)
	}
	want(t, d.Get("/rules/learning"), http.StatusOK, "сделано 43&nbsp;%")
	r := packs.Training{Hash: strings.Repeat("a", 64), Pack: d.packInForce(), Examples: 900, Aside: 200, Sources: "исправлений 900", Reason: "на 200 отложенных примерах верно 80,0 % против 70,0 %, но хуже: «2»", Compared: 200, Present: 0.7, Next: 0.8,
		Worse: []packs.Loss{{Label: "2", N: 12, Present: 0.9, Next: 0.5}}, Left: []packs.LeftOut{{Why: "без слов", N: 3}},
		Run: &packs.DryRun{Seen: 40, Changed: 1, Moved: 1, Shown: []packs.Change{{Text: "=яма, звоните 89141234567", Was: "строка 1 → a", Will: "строка 2 → b", Moved: true}}}}
	if err := d.store.EndLearning(t.Context(), o.Hold(), domain.BackgroundDone, r, "", pagetest.Noon()); err != nil {
		t.Fatal(err)
	}
	want(t, d.Get("/rules/learning"), http.StatusOK, "Новая модель была бы отложена", "(&#43;10,0\u00a0п.\u00a0п.): на 200 отложенных примерах верно 80,0 % против 70,0 %", "стр. 2", "90,0\u00a0%", "50,0\u00a0%",
		"Просмотрено: 40. Изменилось бы: 1, из них орган: 1", "/rules/learning/row/dry-run.xlsx", "не взято: без слов — 3", "Обучить</button>")
	if rows := d.Get("/rules/learning/row/dry-run.xlsx").Sheet(t); len(rows) != 1 || rows[0][0] != "=яма, звоните [телефон скрыт]" || rows[0][3] != "да" {
		t.Errorf("%q", rows)
	}
	want(t, d.Post("/rules/learning/start", row), http.StatusSeeOther)
	under, err := d.store.LearningUnderWay(t.Context(), deskRegion, pagetest.Noon())
	if err != nil || len(under) != 1 {
		t.Fatal(under, err)
	}
	stop := fmt.Sprintf("/rules/task/%d/stop", under[0].ID)
	d.as(domain.RoleAnalyst)
	if a := d.Get("/rules/learning"); a.Status != http.StatusOK || a.Has("Обучить</button>") || a.Has("Пробный прогон</button>") {
		t.Errorf("an analyst: %d %s", a.Status, a.Body)
	}
	for _, path := range []string{"/rules/learning/start", "/rules/learning/dry-run"} {
		want(t, d.Post(path, row), http.StatusForbidden)
	}
	d.as(domain.RoleAdministrator)
	want(t, d.Post(stop, nil), http.StatusSeeOther)
	want(t, d.Get("/rules/learning"), http.StatusOK, "остановлено человеком")
}

// packInForce is the hash of the rules in force.
func (d *rulesDesk) packInForce() string {
	d.t.Helper()
	versions, err := d.pages.Rules.Versions(d.t.Context(), deskRegion)
	i := slices.IndexFunc(versions, func(v packs.Version) bool { return v.Active })
	if err != nil || i < 0 {
		d.t.Fatal(versions, err)
	}
	return versions[i].Hash
}

// ended is an order to learn that a process has taken and done.
func (d *rulesDesk) ended(kind string, at time.Time, result packs.Training) {
	d.t.Helper()
	ctx := d.t.Context()
	if _, err := d.store.OrderLearning(ctx, domain.Background{Region: deskRegion, Kind: kind, Subject: "row", Who: "admin", CreatedAt: at, Waiting: true}); err != nil {
		d.t.Fatal(err)
	}
	o, taken, err := d.store.TakeLearning(ctx, deskRegion, at)
	if err != nil || !taken {
		d.t.Fatal(taken, err)
	}
	if err := d.store.EndLearning(ctx, o.Hold(), domain.BackgroundDone, result, "", at); err != nil {
		d.t.Fatal(err)
	}
}

// Training follows a dry run beside the same rules, of the same day, that no training
// has followed yet; another is refused by name.
func TestAnOldDryRunPermitsNoTraining(t *testing.T) {
	t.Parallel()
	d := newRulesDesk(t)
	row := url.Values{"label": {"row"}}
	refused := func(words string) {
		t.Helper()
		want(t, d.Post("/rules/learning/start", row), http.StatusUnprocessableEntity, words)
		a := d.Get("/rules/learning")
		want(t, a, http.StatusOK, words)
		if a.Has("Обучить</button>") {
			t.Errorf("it is offered all the same: %s", words)
		}
	}
	d.ended(domain.TaskTrainDryRun, pagetest.Noon(), packs.Training{Pack: "other"})
	refused("сменились правила")
	d.ended(domain.TaskTrainDryRun, pagetest.Noon().Add(-25*time.Hour), packs.Training{Pack: d.packInForce()})
	refused("старше суток")
	d.ended(domain.TaskTrainDryRun, pagetest.Noon().Add(-time.Hour), packs.Training{Pack: d.packInForce()})
	want(t, d.Get("/rules/learning"), http.StatusOK, "Обучить</button>")
	d.ended(domain.TaskTrain, pagetest.Noon().Add(-time.Minute), packs.Training{Pack: d.packInForce()})
	refused("уже обучали")
	d.ended(domain.TaskTrainDryRun, pagetest.Noon(), packs.Training{Pack: d.packInForce()})
	want(t, d.Post("/rules/learning/start", row), http.StatusSeeOther)
}
