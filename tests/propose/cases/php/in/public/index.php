<?php
$router->get('/healthz', fn () => 'ok');
