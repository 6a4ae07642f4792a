//! Many who push to one branch at once: everybody's commit is there, in one line, and the tree is that of the whole spec.

use std::collections::BTreeSet;
use std::time::Instant;

use super::repositories::Place;

#[test]
fn eight_writers_lose_nothing() {
    let rounds = if std::env::var_os("GEN_SOAK").is_some() { 125 } else { 20 };
    let writers = 8;
    let place = Place::new();
    place.fleet(writers);
    let start = Instant::now();
    let before: usize = count(&place);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let place = &place;
            scope.spawn(move || {
                let name = format!("writer-{writer}");
                let checkout = place.clone("remote", &name);
                for round in 0..rounds {
                    // Their own app, and pins that all of them write into.
                    if round % 2 == 0 {
                        let env = format!("    env: {{ROUND: \"{round}\"}}\n");
                        checkout.write_app(&format!("app-{writer}"), &env);
                    } else {
                        let digest = format!("sha256:{:064x}", writer * 1000 + round);
                        let image = format!("registry.example/team/app-{writer}@{digest}");
                        let app = format!("app-{writer}");
                        checkout
                            .gen_(&["set", &app, "--env", "dev", "--image", &image, "-q"])
                            .done();
                    }
                    let message = format!("{name} round {round}");
                    checkout
                        .gen_(&["commit", "--push", "-q", "-m", &message, "--retry-for", "600"])
                        .done();
                    assert_eq!(checkout.git(&["status", "--porcelain"]), "", "{message}");
                }
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    println!("{} commits by {writers} processes in {seconds:.1} s", writers * rounds);
    let remote = place.clone("remote", "after");
    let subjects: BTreeSet<String> =
        remote.git(&["log", "--format=%s"]).lines().map(str::to_owned).collect();
    for writer in 0..writers {
        for round in 0..rounds {
            let message = format!("writer-{writer} round {round}");
            assert!(subjects.contains(&message), "`{message}` is lost");
        }
    }
    assert_eq!(count(&place), before + writers * rounds);
    assert_eq!(remote.git(&["rev-list", "--merges", "--count", "HEAD"]), "0");
    // The last state of every app and every pin is there, and all of it is rendered.
    for writer in 0..writers {
        let app =
            std::fs::read_to_string(remote.root.join(format!("apps/app-{writer}.yaml"))).unwrap();
        let last = (rounds - 1) / 2 * 2;
        assert!(app.contains(&format!("ROUND: \"{last}\"")), "{app}");
    }
    remote.gen_(&["render", "--check"]).done();
    remote.check_sound();
}

fn count(place: &Place) -> usize {
    let remote = super::repositories::Checkout { place, root: place.path().join("remote") };
    remote.git(&["rev-list", "--count", "main"]).parse().unwrap()
}
