from orders import app


def test_livez():
    assert app.test_client().get("/livez").status_code == 404
