SELECT p.slug, jsonb_build_object(
  'id', p.slug, 'name', p.name, 'slug', p.slug, 'description', description,
  'text', description_plaintext,
  'summary', regexp_replace(description #>> '{blocks,0,data,text}', '</?b>', '', 'g'),
  'erp', metadata -> 'erp', 'color', upper(metadata ->> 'color'),
  'name_pl', coalesce((SELECT name FROM product_producttranslation
                       WHERE product_id = p.id AND language_code = 'pl'), p.name),
  'category', (
    WITH RECURSIVE up AS (
      SELECT parent_id, ARRAY[name]::text[] AS names FROM product_category c
      WHERE c.id = p.category_id
      UNION ALL
      SELECT c.parent_id, c.name || names FROM up JOIN product_category c ON c.id = up.parent_id)
    SELECT jsonb_object_agg('lvl' || n - 1, array_to_string(names[1:n], ' > '))
    FROM up, generate_series(1, cardinality(names)) n WHERE up.parent_id IS NULL),
  'category_pl', (
    WITH RECURSIVE named AS (
      SELECT c.id, c.parent_id, coalesce((
        SELECT t.name FROM product_categorytranslation t
        WHERE t.category_id = c.id AND language_code = 'pl'), c.name) AS name
      FROM product_category c),
    up AS (
      SELECT parent_id, ARRAY[name]::text[] AS names FROM named c WHERE c.id = p.category_id
      UNION ALL
      SELECT c.parent_id, c.name || names FROM up JOIN named c ON c.id = up.parent_id)
    SELECT jsonb_object_agg('lvl' || n - 1, array_to_string(names[1:n], ' > '))
    FROM up, generate_series(1, cardinality(names)) n WHERE up.parent_id IS NULL),
  'category_slugs', coalesce((
    WITH RECURSIVE up AS (
      SELECT 0 AS depth, parent_id, slug FROM product_category c WHERE c.id = p.category_id
      UNION ALL
      SELECT depth + 1, c.parent_id, c.slug
      FROM up JOIN product_category c ON c.id = up.parent_id)
    SELECT jsonb_agg(slug ORDER BY depth DESC) FROM up), '[]'),
  'branch', coalesce((
    SELECT jsonb_agg(above.name ORDER BY above.lft)
    FROM product_category c JOIN product_category above
      ON above.tree_id = c.tree_id AND c.lft BETWEEN above.lft AND above.rght
    WHERE c.id = p.category_id), '[]'),
  'product_type', (SELECT name FROM product_producttype t WHERE t.id = product_type_id),
  'is_for_sale', EXISTS (SELECT FROM product_productchannellisting
                         WHERE product_id = p.id AND available_for_purchase_at <= {clock}),
  'preorder_until', (SELECT max(floor(extract(epoch FROM preorder_end_date)))
                     FROM product_productvariant v
                     WHERE product_id = p.id AND is_preorder AND preorder_end_date > {clock}),
  'published', (SELECT floor(extract(epoch FROM published_at))
                FROM product_productchannellisting l JOIN channel_channel c ON c.id = channel_id
                WHERE product_id = p.id AND c.slug = 'default'),
  'lowest', (SELECT min(price_amount) FROM product_productvariant v
               JOIN product_productvariantchannellisting l ON variant_id = v.id
               JOIN channel_channel c ON c.id = channel_id
             WHERE product_id = p.id AND c.slug = 'default'),
  'highest', (SELECT max(price_amount) FROM product_productvariant v
                JOIN product_productvariantchannellisting l ON variant_id = v.id
                JOIN channel_channel c ON c.id = channel_id
              WHERE product_id = p.id AND c.slug = 'default'),
  'default_sku', (SELECT sku FROM product_productvariant v WHERE v.id = default_variant_id),
  'values_pl', coalesce((
    SELECT jsonb_agg(t.name ORDER BY l.sort_order NULLS LAST, l.id, t.id)
    FROM attribute_assignedproductattributevalue l
      JOIN attribute_attributevaluetranslation t ON t.attribute_value_id = l.value_id
    WHERE product_id = p.id AND language_code = 'pl'), '[]'),
  'variants', coalesce((
    SELECT jsonb_agg(jsonb_build_object('sku', sku, 'name', v.name, 'weight', v.weight,
      'attributes', (
        SELECT jsonb_object_agg(a.slug, val.name ORDER BY s.id DESC, sv.id DESC)
        FROM attribute_assignedvariantattribute s
          JOIN attribute_assignedvariantattributevalue sv ON sv.assignment_id = s.id
          JOIN attribute_attributevalue val ON val.id = sv.value_id
          JOIN attribute_attribute a ON a.id = val.attribute_id
        WHERE s.variant_id = v.id),
      'price', (SELECT price_amount FROM product_productvariantchannellisting l
                  JOIN channel_channel c ON c.id = channel_id
                WHERE variant_id = v.id AND c.slug = 'default'),
      'quantity', (SELECT coalesce(sum(greatest(quantity - quantity_allocated, 0)), 0)
                   FROM warehouse_stock WHERE product_variant_id = v.id))
      ORDER BY v.sort_order NULLS LAST, v.id)
    FROM product_productvariant v WHERE product_id = p.id), '[]'),
  'effective', (
    SELECT min(coalesce(l.discounted_price_amount, price_amount)) FROM product_productvariant v
      JOIN product_productvariantchannellisting l ON variant_id = v.id
      JOIN channel_channel c ON c.id = channel_id
    WHERE product_id = p.id AND c.slug = 'default'),
  'largest', (SELECT max("numeric") FROM attribute_assignedproductattributevalue l
                JOIN attribute_attributevalue v ON v.id = value_id WHERE product_id = p.id),
  'allocated', (SELECT coalesce(sum(a.quantity_allocated), 0) FROM product_productvariant v
                  JOIN warehouse_stock s ON product_variant_id = v.id
                  JOIN warehouse_allocation a ON stock_id = s.id WHERE product_id = p.id),
  'warehouses', coalesce((
    SELECT jsonb_agg(slug ORDER BY first) FROM (
      SELECT slug, min(number) AS first FROM (
        SELECT w.slug, row_number() OVER (ORDER BY v.id, s.id) AS number
        FROM product_productvariant v JOIN warehouse_stock s ON product_variant_id = v.id
          JOIN warehouse_warehouse w ON w.id = warehouse_id
        WHERE product_id = p.id AND quantity > quantity_allocated) AS numbered
      GROUP BY slug) AS firsts), '[]'),
  'collections', coalesce((
    SELECT jsonb_agg(c.name ORDER BY l.sort_order NULLS LAST, l.id)
    FROM product_collectionproduct l JOIN product_collection c ON c.id = collection_id
    WHERE product_id = p.id AND EXISTS (
      SELECT FROM product_collectionchannellisting cl JOIN channel_channel ch ON ch.id = channel_id
      WHERE cl.collection_id = c.id AND is_published AND ch.slug = 'default')), '[]'),
  'media', coalesce((
    SELECT jsonb_agg(jsonb_build_object('image', image, 'alt', alt)
                     ORDER BY sort_order NULLS LAST, id) FROM product_productmedia
    WHERE product_id = p.id AND type = 'IMAGE' AND NOT to_remove), '[]'),
  'rating', rating, 'weight', weight, 'metadata', metadata) ||
  coalesce((
    SELECT jsonb_object_agg('price_' || c.slug, discounted_price_amount)
    FROM product_productchannellisting l JOIN channel_channel c ON c.id = channel_id
    WHERE product_id = p.id AND is_active AND discounted_price_amount IS NOT NULL), '{}') ||
  coalesce((
    SELECT jsonb_object_agg('attribute_' || slug, names) FROM (
      SELECT a.slug, jsonb_agg(v.name ORDER BY l.sort_order NULLS LAST, l.id) AS names
      FROM attribute_assignedproductattributevalue l
        JOIN attribute_attributevalue v ON v.id = value_id
        JOIN attribute_attribute a ON a.id = attribute_id
      WHERE product_id = p.id GROUP BY a.slug) AS attributes), '{}')
FROM product_product p WHERE EXISTS (
  SELECT FROM product_productchannellisting l JOIN channel_channel c ON c.id = channel_id
  WHERE product_id = p.id AND c.slug = 'default' AND is_published AND visible_in_listings
    AND coalesce(published_at <= {clock}, true))
