-- 150
WITH new AS (INSERT INTO product_product (id, name, slug, category_id, product_type_id,
  description_plaintext) VALUES ({45}, {text}, {text}, {NULL|1|5|9}, {3}, {long}) ON CONFLICT DO
  NOTHING RETURNING id) INSERT INTO product_productchannellisting (product_id, channel_id,
  currency, discounted_price_amount) SELECT id, 1, 'USD', {900} / 8.0 FROM new;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED

-- 20
SELECT delete_product({45})

-- 40
UPDATE product_product SET name = {text}, updated_at = now(), rating = {NULL|0.1|4.7},
  search_vector = to_tsvector('simple', {text}) WHERE id = {45}

-- 20
UPDATE product_product SET description_plaintext = {long} WHERE id = {45}

-- 30
UPDATE product_product SET description = {NULL|jsonb_build_object('blocks', '[]'::jsonb)} WHERE
  id = {45}

-- 30
UPDATE product_product SET description = jsonb_set(description, ARRAY['blocks', '0', 'data',
  'text'], to_jsonb({text}::text)) WHERE id = {45}

-- 30
UPDATE product_product SET metadata = metadata || jsonb_build_object('{erp|color}', {text}),
  weight = {NULL|0.25|3} WHERE id = {45}

-- 30
UPDATE product_product SET category_id = {NULL|1|2|4|7|11}, product_type_id = {3} WHERE id =
  {45};
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED

-- 30
UPDATE product_product p SET default_variant_id = (SELECT id FROM product_productvariant v WHERE
  product_id = p.id ORDER BY id {DESC|ASC} LIMIT 1) WHERE id = {45}

-- 40
INSERT INTO product_producttranslation (language_code, name, product_id) SELECT '{pl|de}',
  {NULL|'Nazwa'|'Name'}, id FROM product_product WHERE id = {45} ON CONFLICT (language_code,
  product_id) DO UPDATE SET name = excluded.name

-- 20
DELETE FROM product_producttranslation WHERE product_id = {45}

-- 60
UPDATE product_productchannellisting SET is_published = {true|true|true|false},
  visible_in_listings = {true|true|true|false}, discounted_price_amount = {NULL|12.5|1.125}
  WHERE product_id = {45} AND channel_id = {2}

-- 30
INSERT INTO product_productchannellisting (product_id, channel_id, currency,
  discounted_price_amount, published_at) SELECT id, {3}, 'EUR', {9000} / 1000.0, now() FROM
  product_product WHERE id = {45} ON CONFLICT DO NOTHING

-- 20
DELETE FROM product_productchannellisting WHERE product_id = {45} AND channel_id = {3}

-- 10
UPDATE channel_channel SET is_active = {true|false} WHERE id > 1 AND id = {3}

-- 10
UPDATE channel_channel SET slug = '{pl|old|eu}' WHERE id > 1 AND id = {3}

-- 60
INSERT INTO product_productvariant (id, sku, name, sort_order, product_id) SELECT {110}, {text},
  {text}, {NULL|1|2}, id FROM product_product WHERE id = {45} ON CONFLICT (id) DO UPDATE SET
  sort_order = excluded.sort_order

-- 30
UPDATE product_productvariant SET product_id = product_product.id FROM product_product WHERE
  product_product.id = {45} AND product_productvariant.id = {110}

-- 30
UPDATE product_productvariant SET sku = {NULL|concat('SKU-', id)}, weight = {NULL|1.5|2} WHERE id =
  {110}

-- 30
SELECT delete_variants(ARRAY[{110}, {110}])

-- 60
INSERT INTO product_productvariantchannellisting (variant_id, channel_id, currency,
  price_amount) SELECT id, {2}, 'USD', {90000} / 1000.0 FROM product_productvariant WHERE id =
  {110} ON CONFLICT (variant_id, channel_id) DO UPDATE SET price_amount = excluded.price_amount

-- 20
UPDATE product_productvariantchannellisting SET price_amount = NULL WHERE variant_id = {110} AND
  channel_id = {2}

-- 20
DELETE FROM product_productvariantchannellisting WHERE variant_id = {110}

-- 30
INSERT INTO product_productmedia (sort_order, image, type, product_id) SELECT {NULL|1|2},
  {text}, '{IMAGE|VIDEO}', id FROM product_product WHERE id = {45}

-- 20
UPDATE product_productmedia SET to_remove = {true|false}, alt = {text}, sort_order = {NULL|1|2}
  WHERE product_id = {45}

-- 10
DELETE FROM product_productmedia WHERE product_id = {45}

-- 30
INSERT INTO product_collectionproduct (collection_id, product_id, sort_order) SELECT c.id, p.id,
  {NULL|1|2} FROM product_collection c, product_product p WHERE c.id = {6} AND p.id = {45} ON
  CONFLICT (collection_id, product_id) DO UPDATE SET sort_order = excluded.sort_order

-- 20
DELETE FROM product_collectionproduct WHERE product_id = {45}

-- 20
UPDATE product_collection SET name = {text} WHERE id = {6}

-- 30
INSERT INTO product_collectionchannellisting (collection_id, channel_id, is_published) SELECT
  id, {2}, {true|false} FROM product_collection WHERE id = {6} ON CONFLICT (collection_id,
  channel_id) DO UPDATE SET is_published = excluded.is_published

-- 30
LOCK TABLE product_category IN EXCLUSIVE MODE;
UPDATE product_category child SET parent_id = parent.id FROM product_category parent WHERE
  child.id = {12} AND parent.id = {12} AND parent.id < child.id;
SELECT number_categories()

-- 20
LOCK TABLE product_category IN EXCLUSIVE MODE;
UPDATE product_category SET parent_id = NULL WHERE id = {12};
SELECT number_categories()

-- 30
UPDATE product_category SET name = {text} WHERE id = {12}

-- 20
LOCK TABLE product_category IN EXCLUSIVE MODE;
WITH gone AS (SELECT id, parent_id FROM product_category WHERE id = {12}), children AS (UPDATE
  product_category c SET parent_id = gone.parent_id FROM gone WHERE c.parent_id = gone.id),
  products AS (UPDATE product_product SET category_id = NULL WHERE category_id IN (SELECT id
  FROM gone)), words AS (DELETE FROM product_categorytranslation WHERE category_id IN (SELECT id
  FROM gone)) DELETE FROM product_category WHERE id IN (SELECT id FROM gone);
SELECT number_categories()

-- 30
LOCK TABLE product_category IN EXCLUSIVE MODE;
INSERT INTO product_category (id, name, slug) VALUES ({12}, {text}, {text}) ON CONFLICT DO
  NOTHING;
SELECT number_categories()

-- 20
INSERT INTO product_categorytranslation (language_code, name, category_id) SELECT 'pl', {text},
  id FROM product_category WHERE id = {12} ON CONFLICT (language_code, category_id) DO UPDATE
  SET name = excluded.name

-- 10
UPDATE product_producttype SET name = {text} WHERE id = {3}

-- 40
INSERT INTO attribute_assignedproductattributevalue (sort_order, value_id, product_id) SELECT
  {NULL|1|2}, {20}, id FROM product_product WHERE id = {45} ON CONFLICT (value_id, product_id)
  DO UPDATE SET sort_order = excluded.sort_order

-- 20
DELETE FROM attribute_assignedproductattributevalue WHERE product_id = {45}

-- 30
UPDATE attribute_attributevalue SET name = {text}, attribute_id = {4} WHERE id = {20}

-- 10
UPDATE attribute_attribute SET slug = '{color|color_code|size|material}' WHERE id = {4}

-- 20
UPDATE attribute_attributevaluetranslation SET name = {text}, language_code = '{pl|pl|de}' WHERE
  attribute_value_id = {20}

-- 30
WITH new AS (INSERT INTO attribute_assignedvariantattribute (assignment_id, variant_id) SELECT
  {4}, id FROM product_productvariant WHERE id = {110} RETURNING id) INSERT INTO
  attribute_assignedvariantattributevalue (assignment_id, value_id) SELECT id, {20} FROM new

-- 60
UPDATE warehouse_stock SET quantity = {9} - 1, quantity_allocated = {5} - 1 WHERE
  product_variant_id = {110}

-- 30
INSERT INTO warehouse_stock (quantity, product_variant_id, warehouse_id) SELECT {5}, v.id, w.id
  FROM product_productvariant v, warehouse_warehouse w WHERE v.id = {110} AND w.slug =
  'warehouse-{3}'

-- 30
INSERT INTO warehouse_allocation (quantity_allocated, stock_id) SELECT {3}, id FROM
  warehouse_stock WHERE product_variant_id = {110}

-- 20
DELETE FROM warehouse_allocation WHERE id = {100}

-- 2
TRUNCATE {product_collectionproduct|
  product_productmedia|
  warehouse_allocation|
  attribute_assignedproductattributevalue|
  product_producttranslation}

-- 2
UPDATE product_product SET description_plaintext = repeat(name, 900) WHERE id % 3 = 0

-- 20
UPDATE product_product SET slug = {text} WHERE id = {45}

-- 20
UPDATE product_product SET slug = concat('product-', id, '-old') WHERE slug = 'product-1';
UPDATE product_product SET slug = 'product-1' WHERE id = {45}

-- 40
UPDATE product_productvariant SET is_preorder = {true|true|false}, preorder_end_date =
  {NULL|now()|now() + interval '1 s'|now() + interval '2.4 s'|'2031-01-01'} WHERE id = {110}

-- 60
UPDATE product_productchannellisting SET
  published_at = {NULL|'2024-01-01'|now()|now() + interval '1.5 s'|now() + interval '3 s'},
  available_for_purchase_at = {NULL|now()|now() + interval '2 s'|'2031-01-01'}
  WHERE product_id = {45} AND channel_id = {2}
