-- 150
INSERT INTO product (id, title, handle, description, status, collection_id, type_id) VALUES
  ('prod_{45}', {text}, {text}, {long}, 'published', 'pcol_{4}', 'ptyp_{3}') ON CONFLICT DO
  NOTHING

-- 20
DELETE FROM product WHERE id = 'prod_{45}'

-- 20
UPDATE product SET id = 'prod_{45}' WHERE id = 'prod_{45}'

-- 40
UPDATE product SET deleted_at = {now()|NULL|NULL} WHERE id = 'prod_{45}'

-- 20
WITH gone AS (UPDATE product SET deleted_at = now() WHERE id = 'prod_{45}' RETURNING id) UPDATE
  product_variant SET deleted_at = now() FROM gone WHERE product_id = gone.id

-- 40
UPDATE product SET status = '{draft|published|published|published}' WHERE id = 'prod_{45}'

-- 40
UPDATE product SET title = {text}, updated_at = now() WHERE id = 'prod_{45}'

-- 20
UPDATE product SET description = {long} WHERE id = 'prod_{45}'

-- 30
UPDATE product SET metadata = metadata || jsonb_build_object('erp', {9}, '{color|season}',
  {text}) WHERE id = 'prod_{45}'

-- 20
UPDATE product SET metadata = {NULL|jsonb_build_object('erp', 1)} WHERE id = 'prod_{45}'

-- 40
UPDATE product SET collection_id = {NULL|'pcol_1'|'pcol_2'|'pcol_3'}, type_id =
  {NULL|'ptyp_1'|'ptyp_2'} WHERE id = 'prod_{45}'

-- 20
UPDATE product_collection SET title = {text}, deleted_at = {now()|NULL} WHERE id = 'pcol_{4}'

-- 10
DELETE FROM product_collection WHERE id = 'pcol_{4}'

-- 20
INSERT INTO product_collection (id, title, handle) VALUES ('pcol_{4}', {text}, {text}) ON
  CONFLICT DO NOTHING

-- 10
UPDATE product_type SET id = 'ptyp_{3}' WHERE id = 'ptyp_{3}'

-- 20
UPDATE product_tag SET value = {text}, deleted_at = {now()|NULL|NULL} WHERE id = 'ptag_{12}'

-- 10
UPDATE product_tag SET id = 'ptag_{14}' WHERE id = 'ptag_{14}'

-- 40
INSERT INTO product_tags VALUES ('prod_{45}', 'ptag_{12}') ON CONFLICT DO NOTHING

-- 30
DELETE FROM product_tags WHERE product_id = 'prod_{45}'

-- 40
INSERT INTO product_category_product VALUES ('prod_{45}', 'pcat_{12}') ON CONFLICT DO NOTHING

-- 30
UPDATE product_category_product SET product_category_id = 'pcat_{12}' WHERE product_id =
  'prod_{45}' AND product_category_id = 'pcat_{12}'

-- 40
UPDATE product_category SET name = {text}, is_active = {true|true|false}, is_internal =
  {false|false|true} WHERE id = 'pcat_{12}'

-- 40
LOCK TABLE product_category IN EXCLUSIVE MODE;
UPDATE product_category child SET parent_category_id = parent.id FROM product_category parent
  WHERE child.id = 'pcat_{12}' AND parent.id = 'pcat_{12}' AND substr(parent.id, 6)::int <
  substr(child.id, 6)::int;
SELECT write_paths()

-- 10
DELETE FROM product_category WHERE id = 'pcat_{12}'

-- 30
LOCK TABLE product_category IN EXCLUSIVE MODE;
INSERT INTO product_category (id, name, handle, is_active, parent_category_id) SELECT 'pcat_' ||
  i, {text}, {text}, true, (SELECT id FROM product_category WHERE substr(id, 6)::int < i LIMIT
  1) FROM generate_series({12}, 12) i LIMIT 1 ON CONFLICT DO NOTHING;
SELECT write_paths()

-- 30
INSERT INTO image (id, url, rank, product_id) VALUES ('img_{70}', {text}, {4}, 'prod_{45}') ON
  CONFLICT (id) DO UPDATE SET rank = excluded.rank, product_id = excluded.product_id

-- 20
UPDATE image SET deleted_at = {now()|NULL} WHERE id = 'img_{70}'

-- 20
INSERT INTO product_option (id, title, product_id) VALUES ('opt_{70}', '{Size|Color|Cut}',
  'prod_{45}') ON CONFLICT DO NOTHING

-- 20
UPDATE product_option SET title = '{Size|Color|Cut}', deleted_at = {now()|NULL|NULL} WHERE id =
  'opt_{70}'

-- 10
DELETE FROM product_option WHERE id = 'opt_{70}'

-- 30
INSERT INTO product_option_value (id, value, option_id) VALUES ('optval_{130}', {text},
  'opt_{70}') ON CONFLICT (id) DO UPDATE SET value = excluded.value, option_id =
  excluded.option_id

-- 60
INSERT INTO product_variant (id, title, sku, variant_rank, product_id) VALUES ('variant_{80}',
  {text}, {text}, {3}, 'prod_{45}') ON CONFLICT DO NOTHING

-- 30
UPDATE product_variant SET product_id = 'prod_{45}' WHERE id = 'variant_{80}'

-- 30
UPDATE product_variant SET variant_rank = {NULL|1|2|3.5}, weight = {NULL|0.125|12},
  manage_inventory = {true|true|false} WHERE id = 'variant_{80}'

-- 30
UPDATE product_variant SET deleted_at = {now()|NULL} WHERE id = 'variant_{80}'

-- 20
UPDATE product_variant SET id = 'variant_{80}' WHERE id = 'variant_{80}'

-- 10
DELETE FROM product_variant WHERE id = 'variant_{80}'

-- 40
INSERT INTO product_variant_option VALUES ('variant_{80}', 'optval_{130}') ON CONFLICT DO
  NOTHING

-- 20
DELETE FROM product_variant_option WHERE variant_id = 'variant_{80}'

-- 40
INSERT INTO product_variant_price_set VALUES ('variant_{80}', 'pset_{60}', {text}) ON CONFLICT
  DO NOTHING

-- 20
DELETE FROM product_variant_price_set WHERE variant_id = 'variant_{80}'

-- 60
INSERT INTO price (id, price_set_id, currency_code, amount, raw_amount, price_list_id) VALUES
  ('price_{200}', 'pset_{60}', '{eur|usd}', {900} / 8.0,
  jsonb_build_object('value', '{90}.{9}50'),
  {NULL|'plist_1'|'plist_2'|'plist_3'}) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount

-- 40
UPDATE price SET amount = round(amount * 1.1, 4) WHERE price_list_id = 'plist_{3}' AND amount <
  9999

-- 30
UPDATE price SET deleted_at = {now()|NULL} WHERE id = 'price_{200}'

-- 20
UPDATE price_list SET status = '{active|draft}', type = '{sale|sale|override}' WHERE id =
  'plist_{3}'

-- 10
DELETE FROM price_list WHERE id = 'plist_{3}'

-- 20
INSERT INTO price_list (id, title, status, type) VALUES ('plist_{3}', {text}, 'active', 'sale')
  ON CONFLICT DO NOTHING

-- 20
DELETE FROM price_set WHERE id = 'pset_{60}'

-- 30
INSERT INTO price_set (id) VALUES ('pset_{60}') ON CONFLICT DO NOTHING

-- 20
INSERT INTO price_rule (id, attribute, value, price_id) VALUES ('prule_{30}', 'region_id',
  {text}, 'price_{200}') ON CONFLICT (id) DO UPDATE SET price_id = excluded.price_id

-- 20
DELETE FROM price_rule WHERE id = 'prule_{30}'

-- 30
UPDATE sales_channel SET name = {text}, is_disabled = {true|false} WHERE id = 'sc_{3}'

-- 30
INSERT INTO product_sales_channel VALUES ('prod_{45}', 'sc_{3}', {text}) ON CONFLICT
  (product_id, sales_channel_id) DO UPDATE SET deleted_at = {NULL|now()}

-- 60
UPDATE inventory_level SET stocked_quantity = {9} - 1, reserved_quantity = {5} - 1 WHERE
  inventory_item_id = 'iitem_{60}'

-- 20
UPDATE inventory_level SET inventory_item_id = 'iitem_{60}' WHERE id = 'ilev_{100}'

-- 20
INSERT INTO product_variant_inventory_item VALUES ('variant_{80}', 'iitem_{60}', {text}) ON
  CONFLICT DO NOTHING

-- 10
DELETE FROM inventory_item WHERE id = 'iitem_{60}'

-- 20
INSERT INTO inventory_item (id) VALUES ('iitem_{60}') ON CONFLICT DO NOTHING;
INSERT INTO inventory_level (id, inventory_item_id, location_id, stocked_quantity) VALUES
  ('ilev_{100}', 'iitem_{60}', 'sloc_1', {4}) ON CONFLICT DO NOTHING

-- 2
TRUNCATE {product_tags|
  image|
  product_variant_price_set|
  product_sales_channel}

-- 2
UPDATE product SET description = repeat(title, 900) WHERE length(title) < 40

-- 30
UPDATE price_list SET starts_at = {NULL|now()|now() + interval '2.5 s'|'2030-01-01'},
  ends_at = {NULL|now()|now() + interval '1.7 s'|'2030-01-01'} WHERE id = 'plist_{3}'
